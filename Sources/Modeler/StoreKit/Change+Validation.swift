extension Change {
    /// Checks what can be told from the change alone, as every store does before it looks at the model.
    ///
    /// - Throws: ``ModelError/Code/invalidChange``.
    public func validate() throws(ModelError) {
        guard !operations.lazy.map(\.name).hasDuplicateName() else {
            throw ModelError(.invalidChange, "a change names a field twice")
        }
        for entry in operations {
            let operation = entry.operation
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
    public func validate() throws(ModelError) {
        guard !fields.lazy.map(\.name).hasDuplicateName() else {
            throw ModelError(.invalidField, "a new model names a field twice")
        }
    }
}
