extension Change {
    /// Checks what can be told from the change alone, as every store does before it looks at the model.
    ///
    /// - Throws: ``ModelError/Code/invalidChange``.
    package func validate() throws(ModelError) {
        guard !operations.lazy.map(\.name).hasDuplicateName() else {
            throw ModelError(.invalidChange, "a change names a field twice")
        }
        for (_, operation) in operations {
            switch operation {
            case .increment(let amount) where !FieldOperation.incrementRange.contains(amount):
                throw ModelError(.invalidChange, "an increment lies within ±(2⁵³ − 1)")
            case .append(_, let maximum) where maximum < 1:
                throw ModelError(.invalidChange, "an append keeps at least 1 element")
            default: break
            }
        }
        if case .replace(let expiry) = renewal { try expiry.validate() }
    }
}

extension NewModel {
    /// Checks what can be told from the model alone.
    ///
    /// - Throws: ``ModelError/Code/invalidField``.
    package func validate() throws(ModelError) {
        guard !fields.lazy.map(\.name).hasDuplicateName() else {
            throw ModelError(.invalidField, "a new model names a field twice")
        }
    }
}

extension Expiry {
    /// Checks that each limit is at least a millisecond, the smallest step of a store's clock, and at most a century.
    ///
    /// - Throws: ``ModelError/Code/invalidChange``.
    package func validate() throws(ModelError) {
        for limit in [idle, absolute].compactMap(\.self) {
            guard limit < .milliseconds(1) || limit > .seconds(100 * 366 * 86400) else { continue }
            throw ModelError(.invalidChange, "a limit is at least a millisecond and at most a century, not \(limit)")
        }
    }
}
