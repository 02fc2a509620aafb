import GRDB
import Modeler

/// A row of the table `model`: everything of a model but its fields.
struct ModelRow: Sendable, Equatable {
    var seq: Int64
    var revision: Revision
    var created: Timestamp
    var updated: Timestamp
    var expiry: Expiry
    var expires: Timestamp?

    func isExpired(at now: Timestamp) -> Bool {
        expires.map { $0 <= now } ?? false
    }

    mutating func renew(_ renewal: Change.Renewal, now: Timestamp) {
        switch renewal {
        case .keep: return
        case .touch: break
        case .replace(let limits): expiry = limits.wholeMilliseconds
        }
        expires = Lifetime.deadline(expiry, created: created, now: now)
    }

    func lifetime(now: Timestamp) -> Lifetime {
        Lifetime(expiry: expiry, expires: expires, now: now)
    }

    func model(id: ModelID, fields: [Field], now: Timestamp) -> Model {
        Model(
            id: id,
            revision: revision,
            created: created,
            updated: updated,
            fields: Fields(fields),
            lifetime: lifetime(now: now)
        )
    }

    /// The answer to a write, by default to the latest.
    func commit(revision: Revision? = nil, values: [Field] = [], now: Timestamp) -> Commit {
        Commit(
            revision: revision ?? self.revision,
            created: created,
            updated: updated,
            lifetime: lifetime(now: now),
            values: values
        )
    }
}

extension ModelRow {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = "model.seq, model.revision, model.created, model.updated, idle, absolute, expires"
    static let columnCount = 7

    /// Reads a row.
    ///
    /// - Throws: ``ModelError/Code/unreadable`` where a column holds what it can't, as in a damaged file.
    init(_ row: Row) throws(ModelError) {
        func number(_ column: Int) throws(ModelError) -> Int64 {
            guard let value = try row.integer(column) else { throw .damagedRow }
            return value
        }
        seq = try number(0)
        revision = Int(try number(1))
        created = Timestamp(milliseconds: try number(2))
        updated = Timestamp(milliseconds: try number(3))
        expiry = Expiry(
            idle: try row.integer(4).map { .milliseconds($0) },
            absolute: try row.integer(5).map { .milliseconds($0) }
        )
        expires = try row.integer(6).map { Timestamp(milliseconds: $0) }
    }
}

extension Expiry {
    /// The limits as they are stored.
    var wholeMilliseconds: Expiry {
        Expiry(
            idle: idle.map { .milliseconds($0.wholeMilliseconds) },
            absolute: absolute.map { .milliseconds($0.wholeMilliseconds) }
        )
    }
}
