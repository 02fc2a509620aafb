import Modeler
import RESP

/// A change as the commit script takes it.
struct CommitArguments {
    private let change: Change
    private let expected: [Change.FieldRevision]
    /// The number of arguments, those that every write has left out.
    private(set) var count: Int
    /// The bytes that a model has at least with the values of this change.
    private(set) var byteCount = 0
    /// The names of the fields for which the script answers a value, in order.
    private(set) var resultNames: [String] = []

    /// More expected fields than these don't fit on the script's stack.
    private static let maximumExpected = 2000

    init(_ change: Change) throws(ModelError) {
        self.change = change
        if case .fields(let fields) = change.expecting { expected = fields } else { expected = [] }
        guard expected.count <= Self.maximumExpected else {
            throw ModelError(.invalidChange, "a change expects at most \(Self.maximumExpected) fields")
        }
        count = 6 + 2 * expected.count
        for (name, operation) in change.operations {
            switch operation {
            case .set(let value):
                count += 3
                byteCount += RecordLayout.size(name, value)
            case .remove:
                count += 2
            case .increment:
                count += 3
                resultNames.append(name)
            case .append(let value, _):
                count += 4
                byteCount += RecordLayout.size(name, value)
                resultNames.append(name)
            case .setIfAbsent(let value):
                count += 3
                byteCount += RecordLayout.size(name, value)
                resultNames.append(name)
            }
        }
    }

    func write(_ encoder: inout RESPEncoder) {
        encoder.argument(change.base)
        writeRenewal(&encoder)
        if case .revision(let revision) = change.expecting {
            encoder.argument(revision)
        } else {
            encoder.argument("")
        }
        encoder.argument(expected.count)
        for field in expected { encoder.argument(RecordLayout.storedName(field.name)) }
        for field in expected { encoder.argument(field.revision) }
        for (name, operation) in change.operations {
            let name = RecordLayout.storedName(name)
            switch operation {
            case .set(let value):
                encoder.argument("s")
                encoder.argument(name)
                encoder.argument(value.bytes)
            case .remove:
                encoder.argument("d")
                encoder.argument(name)
            case .increment(let amount):
                encoder.argument("i")
                encoder.argument(name)
                encoder.argument(amount)
            case .append(let value, let maximum):
                encoder.argument("a")
                encoder.argument(name)
                encoder.argument(value.bytes)
                encoder.argument(maximum)
            case .setIfAbsent(let value):
                encoder.argument("x")
                encoder.argument(name)
                encoder.argument(value.bytes)
            }
        }
    }

    private func writeRenewal(_ encoder: inout RESPEncoder) {
        switch change.renewal {
        case .keep:
            encoder.argument("k")
            encoder.argument(0)
            encoder.argument(0)
        case .touch:
            encoder.argument("t")
            encoder.argument(0)
            encoder.argument(0)
        case .replace(let expiry):
            encoder.argument("r")
            encoder.argument(RecordLayout.milliseconds(expiry.idle))
            encoder.argument(RecordLayout.milliseconds(expiry.absolute))
        }
    }
}
