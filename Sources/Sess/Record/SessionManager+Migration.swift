import Logging
import Metrics
import Modeler

extension SessionManager {
    /// The result of bringing a stored session up to the app's version.
    enum Migration: Sendable {
        /// It is as the app wants it.
        case done(Model)
        /// It is here, and can't be stored so now.
        case unstored(Model)
        /// Somebody wrote it meanwhile: the model as it is now.
        case overtaken(Model)
        /// This version of the app can't read it: another one may.
        case unreadable
        /// It ended meanwhile.
        case none
    }

    /// Brings a stored session up to the app's version, if it isn't, in one write that leaves its deadline alone.
    func migrate(_ model: Model) async throws(SessionError) -> Migration {
        guard let version = SessionSchema.version(of: model) else {
            report(.unreadableSession(session: model.id))
            return .unreadable
        }
        if version == options.schema.version { return .done(model) }
        let record = SessionRecord(model)
        guard let entries = steps(for: record.liveFields, of: model.id, from: version) else {
            report(.unreadableSession(session: model.id))
            return .unreadable
        }
        var builder = ChangeBuilder(record)
        for entry in entries { builder.write(entry) }
        builder.sweep()
        builder.append(ReservedField.schema, .set(options.schema.encoded))
        // The whole revision, and with it the token's.
        let change = Change(
            builder.operations, expecting: .revision(model.revision), renewal: .keep, base: model.revision)
        let outcome: CommitOutcome
        do {
            outcome = try await store.commit(change, to: model.id)
        } catch  where error.code == .storeUnavailable && options.store.whenDown == .readOnly {
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
            log(
                .warning, "a session could not be migrated", reason: "\(version) \(type(of: error))",
                metadata: ["session": "\(id)", "from": "\(version)", "error": "\(type(of: error))"]
            )
            return nil
        }
        return draft.pending.entries
    }

    private static func applied(_ change: Change, _ commit: Commit?, to model: Model) -> Model {
        var model = model
        for entry in change.operations {
            let name = entry.name
            if case .set(let value) = entry.operation {
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
