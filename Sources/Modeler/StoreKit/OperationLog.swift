/// The operation ids of a model's last writes, the newest last, which has the model's current revision.
///
/// Tells whether a write that was asked before was applied. Each model has one; a store keeps it beside the model, for
/// instance as its ``text``, and appends to it in the same transaction as it writes.
public struct OperationLog: Sendable, Equatable {
    /// Whether a write that was asked before was applied.
    public enum Answer: Sendable, Equatable {
        /// It was applied, at this revision.
        case applied(at: Revision)
        /// It was not applied: all the writes it may have been are known, and it is none of them.
        case notApplied
        /// Too many others wrote since: nobody can tell any more.
        case unknown
    }

    /// The most ids kept. As text they have 60 bytes: a Redis hash with a value of more than 64 leaves its compact
    /// form.
    public static let capacity = 10

    private var operations: [OperationID] = []

    /// Makes a log without any writes.
    public init() {}

    /// The number of ids kept.
    public var count: Int { operations.count }

    /// Records one more write.
    public mutating func append(_ operation: OperationID) {
        if operations.count >= Self.capacity { operations.removeFirst(operations.count - Self.capacity + 1) }
        operations.append(operation)
    }

    /// Looks for a write that was asked before.
    ///
    /// - Parameters:
    ///   - operation: The id of the write.
    ///   - base: A revision that the model had reached before the write was first asked for, 0 for not known.
    ///   - newest: The model's revision: that of the newest id kept.
    public func answer(for operation: OperationID, base: Revision, newest: Revision) -> Answer {
        if let index = operations.lastIndex(of: operation) {
            return .applied(at: newest - (operations.count - 1 - index))
        }
        return newest - operations.count <= base ? .notApplied : .unknown
    }
}

extension OperationLog {
    /// The revision that a change wrote, or `nil` where it is to be applied now: it is asked for the first time, or was
    /// not applied before. A change without operations writes nothing, so it can be applied any number of times.
    ///
    /// - Parameter newest: The model's revision.
    /// - Throws: ``ModelError/Code/outcomeUnknown`` where nobody can tell.
    public func revision(writtenBy change: Change, newest: Revision) throws(ModelError) -> Revision? {
        guard change.isRepeated else { return nil }
        switch answer(for: change.operation, base: change.base, newest: newest) {
        case .applied(let revision): return revision
        case .notApplied: return nil
        case .unknown where change.operations.isEmpty: return nil
        case .unknown: throw Self.outcomeUnknown
        }
    }

    /// Whether the model was inserted by an operation that was asked before.
    ///
    /// - Parameter newest: The model's revision.
    /// - Throws: ``ModelError/Code/outcomeUnknown`` where nobody can tell.
    public func holdsInsertion(by operation: OperationID, newest: Revision) throws(ModelError) -> Bool {
        guard newest >= 1, newest <= operations.count else { throw Self.outcomeUnknown }
        return operations[operations.count - newest] == operation
    }

    /// The error for a repeated write of which nobody can tell whether it was applied.
    public static var outcomeUnknown: ModelError {
        ModelError(
            .outcomeUnknown,
            "the answer was lost, and the model was written too often since to tell whether the write was applied"
        )
    }
}

extension OperationLog {
    /// The ids as text, six characters each.
    public var text: String { String(decoding: operations.flatMap(\.text), as: UTF8.self) }

    /// Reads ``text``; `nil` for a text that is none. Of more than ``capacity`` ids the last are kept.
    public init?(text: some Collection<UInt8>) {
        var rest = text[...]
        while !rest.isEmpty {
            guard let operation = OperationID(text: rest.prefix(OperationID.textLength)) else { return nil }
            append(operation)
            rest = rest.dropFirst(OperationID.textLength)
        }
    }
}
