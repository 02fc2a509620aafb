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

    public func remove(
        _ id: ModelID, expecting: Change.Expectation
    ) async throws(ModelError) -> RemoveOutcome {
        let outcome = try await file.write { [table] db, now in
            try table.remove(id, expecting: expecting, db, now: now)
        }
        if case .removed = outcome { tellEnd(of: id) }
        return outcome
    }
}
