import Modeler

/// A model of a history, as a client sees it.
struct SeenModel {
    var fields: [HistoryEvent.Seen] = []
    var log: [Int] = []

    init(_ model: Model) throws(Violation) {
        for (number, name) in HistoryClient.fieldNames.enumerated() {
            guard let field = model.fields[name], let write = Int(String(decoding: field.value.bytes, as: UTF8.self))
            else {
                throw Violation("\(model.id) lacks the field \(name) that it was inserted with")
            }
            fields.append(.init(field: number, write: write, revision: field.revision))
        }
        guard let value = model.fields[HistoryClient.logName]?.value else {
            throw Violation("\(model.id) lacks the log that it was inserted with")
        }
        var write: Int?
        for byte in value.bytes {
            if let digit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? Int(byte - UInt8(ascii: "0")) : nil {
                write = (write ?? 0) * 10 + digit
            } else if let number = write {
                log.append(number)
                write = nil
            }
        }
    }
}

extension HistoryEvent {
    /// Each revision was made by one write, and each write made one.
    func checkLogLength(_ name: String) throws(Violation) {
        let revision: Revision? =
            switch answer {
            case .read(let revision, _), .refused(_, let revision, _): revision
            default: nil
            }
        guard let log, let revision else { return }
        guard log.count == revision else {
            throw Violation("\(name): \(log.count) writes are in the log at revision \(revision)")
        }
        guard Set(log).count == log.count else { throw Violation("\(name): a write was applied twice: \(log)") }
    }
}
