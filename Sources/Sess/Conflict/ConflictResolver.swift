import Modeler

/// Puts a request's changes on top of a record that others have changed, each field by its policy.
///
/// Runs the app's merges, so it is called outside of every lock.
enum ConflictResolver {
    /// Adds what the policies make of a conflict to a resolution.
    ///
    /// - Throws: ``SessionError/Code/conflict`` where a merge throws.
    static func resolve(
        _ conflict: Conflict, _ policies: SessionPolicies, into resolution: inout Resolution
    ) throws(SessionError) {
        for var entry in conflict.entries {
            resolution.decided.append(entry)
            // What has expired counts as absent: that another request has swept it away is no conflict.
            let base = conflict.liveField(entry.name, in: conflict.base.model)
            let theirs = conflict.liveField(entry.name, in: conflict.current)
            guard base?.revision != theirs?.revision else {
                resolution.kept.append(entry)
                continue
            }
            let policy = policies.policy(of: entry)
            if !entry.isUnconditional { resolution.raced.append((entry.name, policy.name)) }
            switch policy {
            case .automatic, .lastWriter:
                entry.isUnconditional = true
                resolution.kept.append(entry)
            case .keepFirst:
                break
            case .fail:
                resolution.failed.append(entry.name)
            case .merge(let merge):
                do {
                    entry.value = try merge(base?.value, entry.value, theirs?.value)
                } catch {
                    throw SessionError(.conflict, "the merge of the field '\(entry.name)' failed", underlying: error)
                }
                if entry.value != theirs?.value { resolution.kept.append(entry) }
            }
        }
    }
}

extension Conflict {
    /// A field, unless its own deadline has passed by now.
    fileprivate func liveField(_ name: String, in model: Model) -> Field? {
        guard let field = model.fields[name] else { return nil }
        if let deadline = FieldDeadline.of(field, in: model.fields), deadline <= base.storeTime { return nil }
        return field
    }
}
