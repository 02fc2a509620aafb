import Modeler

/// What the manager asks its store, with the store's errors as a session's. One function for each operation: a function
/// that takes the operation as a closure costs an asynchronous frame more.
extension SessionManager {
    func fetch(_ id: ModelID) async throws(SessionError) -> Model? {
        do {
            if let budget {
                return try await budget.run { [sessions] () throws(ModelError) in try await sessions.fetch(id) }
            }
            return try await sessions.fetch(id)
        } catch {
            throw sessionError(error)
        }
    }

    func insert(_ model: NewModel, expiry: Expiry) async throws(SessionError) -> InsertOutcome {
        do {
            if let budget {
                return try await budget.run { [sessions] () throws(ModelError) in
                    try await sessions.insert(model, expiry: expiry)
                }
            }
            return try await sessions.insert(model, expiry: expiry)
        } catch {
            throw sessionError(error)
        }
    }

    func commit(_ change: Change, to id: ModelID) async throws(SessionError) -> CommitOutcome {
        do {
            if let budget {
                return try await budget.run { [sessions] () throws(ModelError) in
                    try await sessions.commit(change, to: id)
                }
            }
            return try await sessions.commit(change, to: id)
        } catch {
            throw sessionError(error)
        }
    }

    func touch(_ id: ModelID, expiry: Expiry?) async throws(SessionError) -> Lifetime? {
        do {
            if let budget {
                return try await budget.run { [sessions] () throws(ModelError) in
                    try await sessions.touch(id, expiry: expiry)
                }
            }
            return try await sessions.touch(id, expiry: expiry)
        } catch {
            throw sessionError(error)
        }
    }

    func remove(_ id: ModelID) async throws(SessionError) -> Bool {
        do {
            if let budget {
                return try await budget.run { [sessions] () throws(ModelError) in try await sessions.remove(id) }
            }
            return try await sessions.remove(id)
        } catch {
            throw sessionError(error)
        }
    }

    /// Asks the store for something that only some stores do.
    func askStore<Answer: Sendable>(
        _ question: @escaping @Sendable () async throws(ModelError) -> Answer
    ) async throws(SessionError) -> Answer {
        do {
            if let budget { return try await budget.run(question) }
            return try await question()
        } catch {
            throw sessionError(error)
        }
    }

    private func sessionError(_ error: ModelError) -> SessionError {
        let sessionError = SessionError(store: error)
        if sessionError.code == .storeUnavailable {
            report(.storeUnavailable(reason: error.description))
        }
        return sessionError
    }
}
