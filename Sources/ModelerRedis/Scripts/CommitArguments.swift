import Modeler
import RESP

/// A change as the commit script takes it.
struct CommitArguments {
    private let change: Change
    private let expectation: ExpectationArguments
    /// The number of arguments, those that every write has left out.
    private(set) var count: Int
    /// The bytes that a model has at least with the values of this change.
    private(set) var byteCount = 0
    /// The names of the fields for which the script answers a value, in order.
    private(set) var resultNames: [String] = []

    init(_ change: Change) throws(ModelError) {
        self.change = change
        expectation = try ExpectationArguments(change.expecting)
        count = 4 + expectation.count
        for entry in change.operations {
            let name = entry.name
            switch entry.operation {
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
        expectation.write(&encoder)
        for entry in change.operations {
            let name = RecordLayout.storedName(entry.name)
            switch entry.operation {
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
