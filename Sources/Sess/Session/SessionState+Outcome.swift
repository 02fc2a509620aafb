import Modeler

extension SessionState {
    /// Takes over an insertion that was applied.
    mutating func applyInsertion(_ planned: PlannedCommit, fields: NewModel, commit: Commit) {
        standing = .stored
        model = Model(
            id: fields.id,
            revision: commit.revision,
            created: commit.created,
            updated: commit.updated,
            fields: Fields(fields.fields.map { Field(name: $0.name, value: $0.value, revision: commit.revision) }),
            lifetime: commit.lifetime
        )
        tokenRevision = commit.revision
        isSaving = false
        unresolved = nil
        newLimits = nil
        isPersistent = nil
        cookie = .issue
        noteRecord()
        rebasePending(after: planned)
    }

    /// Takes over a change that was applied.
    mutating func applyChange(_ planned: PlannedCommit, change: Change, commit: Commit) {
        if commit.revision != model.revision + (change.operations.isEmpty ? 0 : 1) { hasGaps = true }
        isSaving = false
        unresolved = nil
        model.revision = commit.revision
        model.created = commit.created
        model.updated = commit.updated
        if change.renewal != .keep { hasNewDeadline = true }
        model.lifetime = commit.lifetime
        for (name, operation) in change.operations {
            switch operation {
            case .set(let value): model.fields[name] = Field(name: name, value: value, revision: commit.revision)
            case .remove: model.fields[name] = nil
            case .increment, .append, .setIfAbsent: break
            }
        }
        for field in commit.values {
            model.fields[field.name] = field
        }
        if let rotation = planned.rotation {
            token = rotation.token
            doubtfulToken = nil
            tokenRevision = commit.revision
            isTokenSuperseded = false
            cookie = .issue
        }
        if case .replace = change.renewal {
            // What is remembered or forgotten comes with its limits, and changes what the cookie says.
            if isPersistent != nil, token != nil { cookie = .issue }
            newLimits = nil
            isPersistent = nil
        }
        noteRecord()
        rebasePending(after: planned)
    }

    private mutating func rebasePending(after planned: PlannedCommit) {
        pending.removeStored(planned.pending)
    }

    /// The revision that wrote the schema's version, 0 where there is none.
    var schemaRevision: Change.FieldRevision {
        Change.FieldRevision(
            name: SessionSchema.fieldName, revision: model.fields.revision(of: SessionSchema.fieldName))
    }

    /// Puts what is pending on top of the record as it is now, each field by its policy.
    mutating func resolve(
        _ current: Model,
        policies: SessionPolicies
    ) throws(SessionError) -> ConflictResolution {
        isSaving = false
        unresolved = nil
        let currentTokenRevision = current.fields.revision(of: TokenRecord.fieldName)
        if currentTokenRevision != tokenRevision {
            settleDoubt(by: current)
            switch standing(ofTokenIn: current) {
            case .current: isTokenSuperseded = false
            case .graced: isTokenSuperseded = true
            case .replaced, .unknown: return .tokenReplaced
            }
        }
        // Another version of the app is at work: what this one has to write is of another shape.
        guard current.fields.revision(of: SessionSchema.fieldName) == schemaRevision.revision else {
            throw SessionError(.conflict, "\(model.id) was migrated to another schema while this request ran")
        }
        guard keepsSection(in: current) else { return .sectionLost }
        var kept: [PendingChanges.Entry] = []
        var raced: [(field: String, policy: String)] = []
        var failed: [String] = []
        for var entry in pending.entries {
            // What is over counts as absent: that another request has swept it away is no conflict.
            let (base, theirs) = (liveField(entry.name, in: model), liveField(entry.name, in: current))
            guard base?.revision != theirs?.revision else {
                kept.append(entry)
                continue
            }
            let policy = policies.policy(of: entry)
            if !entry.isUnconditional { raced.append((entry.name, policy.name)) }
            switch policy {
            case .automatic, .lastWriter:
                entry.isUnconditional = true
                kept.append(entry)
            case .keepFirst:
                break
            case .fail:
                failed.append(entry.name)
            case .merge(let merge):
                do {
                    entry.value = try merge(base?.value, entry.value, theirs?.value)
                } catch {
                    throw SessionError(.conflict, "the merge of the field '\(entry.name)' failed", underlying: error)
                }
                if entry.value != theirs?.value { kept.append(entry) }
            }
        }
        guard failed.isEmpty else { return .fail(failed) }
        model = current
        hasGaps = false
        tokenRevision = currentTokenRevision
        noteRecord()
        pending.replaceAll(kept)
        return .retry(raced)
    }
}
