import Logging
import Metrics
import Modeler

extension SessionManager {
    /// What came of bringing a stored session up to the app's version.
    enum Migration: Sendable {
        /// It is as the app wants it.
        case done(Model)
        /// It is here, and can't be stored so now.
        case unstored(Model)
        /// Somebody wrote it meanwhile.
        case overtaken(Model)
        /// It can't be read, or ended meanwhile.
        case none
    }

    /// Brings a stored session up to the app's version, if it isn't, in one write that leaves its deadline alone.
    func migrate(_ model: Model) async throws(SessionError) -> Migration {
        guard let version = SessionSchema.version(of: model) else {
            report(.unreadableSession(session: model.id))
            return .none
        }
        if version == options.schema.version { return .done(model) }
        let state = SessionState.stored(model, token: nil, scope: scope)
        guard let entries = steps(for: state.liveFields, of: model.id, from: version) else {
            report(.unreadableSession(session: model.id))
            return .none
        }
        var writes = FieldWrites(expecting: [])
        for entry in entries { state.write(entry, to: &writes) }
        state.sweep(&writes)
        writes.append(SessionSchema.fieldName, .set(options.schema.encoded))
        let change = Change(
            writes.operations, expecting: .revision(model.revision), renewal: .keep, base: model.revision)
        let outcome: CommitOutcome
        do {
            outcome = try await commit(change, to: model.id)
        } catch  where error.code == .storeUnavailable && options.storeDown == .readOnly {
            return .unstored(Self.applied(change, nil, to: model))
        }
        switch outcome {
        case .committed(let commit):
            metrics.migrated.increment()
            return .done(Self.applied(change, commit, to: model))
        case .conflict(let current): return .overtaken(current)
        case .gone: return .none
        }
    }

    private func steps(for fields: Fields, of id: ModelID, from version: Int) -> [PendingChanges.Entry]? {
        let draft = SessionDraft(fields, keepsDeadlines: true) { name in
            self.report(.unreadableField(session: id, field: name))
        }
        do {
            guard try options.schema.migrate(draft, from: version) else { return nil }
        } catch {
            options.logger.warning(
                "a session could not be migrated",
                metadata: ["session": "\(id)", "from": "\(version)", "error": "\(type(of: error))"]
            )
            return nil
        }
        return draft.pending.entries
    }

    private static func applied(_ change: Change, _ commit: Commit?, to model: Model) -> Model {
        var model = model
        for (name, operation) in change.operations {
            if case .set(let value) = operation {
                model.fields[name] = Field(name: name, value: value, revision: commit?.revision ?? model.revision)
            } else {
                model.fields[name] = nil
            }
        }
        if let commit {
            model.revision = commit.revision
            model.updated = commit.updated
            model.lifetime = commit.lifetime
        }
        return model
    }
}
