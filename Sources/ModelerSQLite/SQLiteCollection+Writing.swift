import GRDB
public import Modeler

extension SQLiteCollection {
    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try model.validate()
        try expiry.validate()
        let size = model.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.bytes.count }
        try check(size: size, id: model.id)
        return try await file.write { [table] db, now in
            try table.insert(model, expiry: expiry, size: size, db, now: now)
        }
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        return try await file.write { [self] db, now in
            try table.commit(change, to: id, db, now: now) { size throws(ModelError) in try check(size: size, id: id) }
        }
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try expiry?.validate()
        return try await file.write { [table] db, now in try table.touch(id, expiry: expiry, db, now: now) }
    }

    @discardableResult
    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        let wasThere = try await file.write { [table] db, now in
            guard let entry = try table.entry(id, db) else { return false }
            try table.remove(entry.head.seq, db)
            return !entry.head.isExpired(at: now)
        }
        if wasThere { tellEnd(of: id) }
        return wasThere
    }
}
