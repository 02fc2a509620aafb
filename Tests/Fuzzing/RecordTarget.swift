import Modeler
import RESP

@testable import ModelerRedis

/// Whatever a hash holds is a model or a fault; and a model that is written as a record again is read as the same.
enum RecordTarget {
    private static let id = ModelID(42)
    private static let now = Timestamp(milliseconds: 1_700_000_000_005)

    static func run(_ input: [UInt8]) {
        guard let replies = LineReply.replies(input), let model = try? read(replies) else { return }
        let first = Timestamp(milliseconds: RecordHead.largestNumber)
        require(model.created <= model.updated && model.updated <= first, "times of \(model)")
        require(model.lifetime?.remaining ?? .seconds(1) > .zero, "an expired model was read")
        guard let written = LineReply.replies(strings: record(of: model)), let again = try? read(written) else {
            fatalError("can't be read again: \(record(of: model).map { String(decoding: $0, as: UTF8.self) })")
        }
        require(again == model && again.lifetime == model.lifetime, "\(again) was \(model)")
        for field in model.fields { check(field.value) }
    }

    private static func read(_ replies: RESPReplies) throws(RecordFault) -> Model? {
        try RecordReader.model(replies.reply, id: id, now: now)
    }

    /// The names and values of a model's hash.
    private static func record(of model: Model) -> [[UInt8]] {
        let created = model.created.milliseconds
        let lifetime = model.lifetime
        let numbers: [Int64] = [
            Int64(RecordLayout.version), Int64(model.revision), created, model.updated.milliseconds - created,
            Int64(RecordLayout.milliseconds(lifetime?.expiry.idle)),
            Int64(RecordLayout.milliseconds(lifetime?.expiry.absolute)),
            lifetime?.expires.map { $0.milliseconds - created } ?? 0, 1,
        ]
        let metadata = numbers.map(String.init).joined(separator: " ")
        var strings = [
            Array(RecordLayout.metadataField.utf8), Array(metadata.utf8),
            Array(RecordLayout.idField.utf8), Array(id.rawValue.utf8),
        ]
        for field in model.fields {
            strings.append(Array(RecordLayout.storedName(field.name).utf8))
            strings.append(Array("\(field.revision):".utf8) + field.value.bytes)
        }
        return strings
    }

    /// A value that is read and written is read as the same.
    private static func check(_ json: EncodedJSON) {
        guard let value = try? json.value() else { return }
        guard let again = try? EncodedJSON(value).value() else { fatalError("can't be written: \(value)") }
        require(again == value, "\(again) was \(value)")
        _ = try? EncodedJSON(validating: json.bytes)
    }
}
