import Metrics
import Modeler

/// Asks the store what a session's machine says, until a call has reached its goal.
///
/// Whoever uses it holds the session's gate.
struct Saver {
    let session: Session
    private var manager: SessionManager { session.manager }
    private var store: SessionStore { session.manager.store }

    init(_ session: Session) { self.session = session }

    /// Runs a call to its end.
    ///
    /// - Returns: The call as it has ended, with what the store has answered.
    /// - Throws: ``SessionError``; ``SessionError/Code/conflict`` where others have interfered too often.
    @discardableResult
    func run(_ call: consuming SaveCall) async throws(SessionError) -> SaveCall {
        var isFirst = true
        var backoff = Backoff(after: 1)
        while !call.isDone || call.refreshesIndex, let request = try next(&call) {
            if !isFirst {
                guard await backoff.next() else { throw tooManyAttempts }
            }
            isFirst = false
            try await perform(request, &call)
        }
        return call
    }

    private var tooManyAttempts: SessionError {
        SessionError(.conflict, "\(session.id) was changed by others \(Backoff.maximumAttempts) times in a row")
    }

    private func next(_ call: inout SaveCall) throws(SessionError) -> StoreRequest? {
        try session.withMachine { (machine) throws(SessionError) in try machine.next(&call, manager.rules) }
    }

    private func perform(_ request: StoreRequest, _ call: inout SaveCall) async throws(SessionError) {
        let answer: StoreAnswer
        do {
            answer = try await ask(request)
        } catch {
            if error.code == .unreadable || error.code == .unreadableHere {
                try take(.unreadable(error), &call)
                return
            }
            session.withMachine { $0.fail(error, call) }
            throw error
        }
        try take(answer, &call)
    }

    /// Asks the store.
    private func ask(_ request: StoreRequest) async throws(SessionError) -> StoreAnswer {
        switch request {
        case .insert(let model, let expiry):
            switch try await store.insert(model, expiry: expiry) {
            case .inserted(let commit):
                manager.metrics.created.increment()
                manager.notify(.created(session: model.id))
                return .inserted(commit)
            case .exists: return .exists
            }
        case .commit(let change, let id):
            switch try await store.commit(change, to: id) {
            case .committed(let commit):
                (change.operations.isEmpty ? manager.metrics.touched : manager.metrics.saved).increment()
                manager.metrics.count(commit.confirmation)
                return .committed(commit)
            case .conflict(let current): return .conflict(current)
            case .gone: return .gone
            }
        case .remove(let id, let expected): return try await remove(id, expected)
        case .read(let id): return .found(try await store.fetch(id))
        case .confirmOwner(let model): return .owned(try await manager.users.confirm(model))
        case .refreshIndex(let model): return .owned(try await manager.users.refresh(model))
        }
    }

    /// Removes another record than the session's own.
    ///
    /// - Returns: `removed`, `gone`, or `conflict` where it isn't as expected.
    func remove(_ id: ModelID, _ expected: Change.Expectation) async throws(SessionError) -> StoreAnswer {
        // The store may tell of the removal before it returns.
        manager.endStreams.announce(id, .destroyed)
        let outcome: RemoveOutcome
        do {
            outcome = try await store.remove(id, expecting: expected)
        } catch {
            manager.endStreams.announce(id, nil)
            throw error
        }
        switch outcome {
        case .removed(let confirmation):
            manager.metrics.destroyed.increment()
            manager.metrics.count(confirmation)
            manager.notify(.ended(session: id, .destroyed))
            manager.endStreams.end(id, .destroyed)
            return .removed(confirmation)
        case .gone:
            manager.endStreams.end(id, .destroyed)
            return .gone
        case .conflict(let current):
            manager.endStreams.announce(id, nil)
            return .conflict(current)
        }
    }

    // MARK: Answers

    private func take(_ answer: StoreAnswer, _ call: inout SaveCall) throws(SessionError) {
        let followup: SessionMachine.Followup
        do {
            followup = try session.withMachine { (machine) throws(SessionError) in
                try machine.take(answer, &call, now: manager.now())
            }
        } catch {
            report(&call)
            throw error
        }
        switch followup {
        case .proceed: break
        case .rename(let taken): try rename(from: taken, &call)
        case .resolve(let conflict): try resolve(conflict, &call)
        }
        report(&call)
    }

    private func rename(from taken: ModelID, _ call: inout SaveCall) throws(SessionError) {
        let id = try manager.newID(for: session.details)
        guard id != taken else {
            throw SessionError(.conflict, "makeID gave \(id) again, which is another session's; ids occur once")
        }
        session.withMachine { $0.rename(to: id) }
    }

    /// Lets the policies decide, outside of the session's lock: they are the app's code, and may change the session.
    private func resolve(_ conflict: Conflict, _ call: inout SaveCall) throws(SessionError) {
        var resolution = Resolution()
        var undecided: Conflict? = conflict
        for _ in 0..<Backoff.maximumAttempts {
            guard let conflict = undecided else { return }
            try ConflictResolver.resolve(conflict, manager.policies, into: &resolution)
            do {
                undecided = try session.withMachine { (machine) throws(SessionError) in
                    try machine.adopt(resolution, of: conflict, &call)
                }
            } catch {
                report(&call)
                throw error
            }
        }
        if undecided != nil {
            throw SessionError(.conflict, "the merges of \(session.id) change the session without end")
        }
    }

    private func report(_ call: inout SaveCall) {
        if call.events.isEmpty { return }
        for event in call.events {
            manager.report(event)
            if case .goneWhileInUse(let id) = event, session.hasEnded { manager.endStreams.end(id, .elsewhere) }
        }
        call.events = []
    }
}
