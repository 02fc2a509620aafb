import Modeler

/// A JSON text as its bytes.
func json(_ text: String) -> EncodedJSON {
    EncodedJSON(unchecked: ArraySlice(text.utf8))
}

/// An id that a test has made to fit the grammar.
func id(_ text: String) -> ModelID {
    ModelID(unchecked: text)
}

/// Fields as a test writes them.
typealias NamedText = KeyValuePairs<String, String>

extension Change {
    /// A change that sets fields to JSON texts.
    static func setting(
        _ fields: NamedText,
        expecting: Expectation = .nothing,
        renewal: Renewal = .touch,
        operation: OperationID = OperationID(),
        isRepeated: Bool = false
    ) -> Change {
        Change(
            fields.map { FieldChange($0.key, .set(json($0.value))) },
            expecting: expecting,
            renewal: renewal,
            operation: operation,
            isRepeated: isRepeated
        )
    }
}

extension Change {
    /// The change as it is asked again after its answer was lost.
    var repeated: Change {
        var change = self
        change.isRepeated = true
        return change
    }
}

extension NewModel {
    /// The insertion as it is asked again after its answer was lost.
    var repeated: NewModel {
        var model = self
        model.isRepeated = true
        return model
    }
}

extension ModelCollection {
    /// Moves the deadline of a model that must be there.
    @discardableResult
    func requireRenewed(
        _ id: ModelID,
        _ renewal: Change.Renewal = .touch,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Lifetime {
        try await requireCommitted(Change(renewal: renewal), to: id, fileID: fileID, line: line).lifetime
    }

    /// Inserts a model that must not be there yet.
    @discardableResult
    func requireInserted(
        _ id: ModelID,
        _ fields: NamedText = ["a": "1"],
        expiry: Expiry = Expiry(idle: .seconds(3600)),
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Commit {
        let model = NewModel(id: id, fields: fields.map { (name: $0.key, value: json($0.value)) })
        guard case .inserted(let commit) = try await insert(model, expiry: expiry) else {
            throw Violation("insert of a new id answered 'exists'", fileID: fileID, line: line)
        }
        return commit
    }

    /// Commits a change that must apply.
    @discardableResult
    func requireCommitted(
        _ change: Change,
        to id: ModelID,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Commit {
        switch try await commit(change, to: id) {
        case .committed(let commit): return commit
        case .conflict: throw Violation("a change that should apply conflicts", fileID: fileID, line: line)
        case .gone: throw Violation("a change that should apply finds the model gone", fileID: fileID, line: line)
        }
    }

    /// Commits a change whose expectation must not hold.
    @discardableResult
    func requireConflict(
        _ change: Change,
        to id: ModelID,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Model {
        switch try await commit(change, to: id) {
        case .conflict(let model): return model
        case .committed: throw Violation("a change that should conflict is applied", fileID: fileID, line: line)
        case .gone: throw Violation("a change that should conflict finds the model gone", fileID: fileID, line: line)
        }
    }

    /// Reads a model that must be there.
    func requireModel(
        _ id: ModelID,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Model {
        guard let model = try await fetch(id) else {
            throw Violation("a model that should be there is not", fileID: fileID, line: line)
        }
        try requireEqual(model.id, id, "the id of the model read", fileID: fileID, line: line)
        return model
    }

    /// Checks that a model isn't there, for any operation.
    func requireGone(
        _ id: ModelID,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        try require(try await fetch(id) == nil, "a model that is gone can be read", fileID: fileID, line: line)
        guard case .gone = try await commit(Change(), to: id) else {
            throw Violation("a model that is gone can be renewed", fileID: fileID, line: line)
        }
        guard case .gone = try await commit(.setting(["a": "1"]), to: id) else {
            throw Violation("a model that is gone can be changed", fileID: fileID, line: line)
        }
        try require(try await !remove(id), "a model that is gone can be removed", fileID: fileID, line: line)
        guard case .gone = try await remove(id, expecting: .revision(1)) else {
            throw Violation("a removal that expects something doesn't find the model gone", fileID: fileID, line: line)
        }
    }

    /// Checks that an operation is refused with a code.
    func requireRefused(
        _ code: ModelError.Code,
        _ what: String,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as ModelError {
            return try requireEqual(error.code, code, "the code of \(what)", fileID: fileID, line: line)
        }
        throw Violation("\(what) is not refused", fileID: fileID, line: line)
    }
}

extension Model {
    /// A field's JSON text, for comparison in checks.
    func text(_ name: String) -> String? {
        fields[name].map { String(decoding: $0.value.bytes, as: UTF8.self) }
    }
}
