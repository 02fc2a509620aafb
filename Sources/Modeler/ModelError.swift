/// Why a collection could not do what it was asked.
///
/// Descriptions name ids and limits, never a field's value.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    /// The kind of a ``ModelError``.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case invalidID, invalidField, invalidJSON, invalidChange, tooLarge, full
            case unavailable, timeout, overloaded, outcomeUnknown, unreadable, cancelled, misconfigured
            case revisionConflict, storeRefused, unreadableHere, damaged
        }
        private let base: Base
        private init(_ base: Base) { self.base = base }

        /// The id breaks the grammar of ``ModelID``.
        public static let invalidID = Code(.invalidID)
        /// A field's name can't be stored.
        public static let invalidField = Code(.invalidField)
        /// Bytes that should be one JSON value are not, or a value has no JSON form.
        public static let invalidJSON = Code(.invalidJSON)
        /// An operation does not fit what is stored, such as an increment of a text.
        public static let invalidChange = Code(.invalidChange)
        /// The model or the field is larger than the collection accepts.
        public static let tooLarge = Code(.tooLarge)
        /// The store has no room.
        public static let full = Code(.full)
        /// The store can't be reached or can't serve now. Nothing was written.
        public static let unavailable = Code(.unavailable)
        /// The deadline passed before the store had been asked. Nothing was written.
        public static let timeout = Code(.timeout)
        /// Too many operations are waiting already. Nothing was written.
        public static let overloaded = Code(.overloaded)
        /// The store was asked and its answer was lost: the write may have been applied, or not.
        public static let outcomeUnknown = Code(.outcomeUnknown)
        /// What is stored under the id is no model: nobody can read it.
        public static let unreadable = Code(.unreadable)
        /// What is stored is a model that this process can't read and another can: of a newer layout, or under a key
        /// that this process doesn't have.
        public static let unreadableHere = Code(.unreadableHere)
        /// The store's own data are damaged: nothing it answers can be relied on, "not there" least of all.
        public static let damaged = Code(.damaged)
        /// The calling task was cancelled.
        public static let cancelled = Code(.cancelled)
        /// The store refuses this client: a wrong password, a missing permission, a wrong kind of server.
        public static let misconfigured = Code(.misconfigured)
        /// A save met a newer revision; ``ModelError/existing`` is the stored model.
        public static let revisionConflict = Code(.revisionConflict)
        /// The store answered with an error of its own.
        public static let storeRefused = Code(.storeRefused)

        public var description: String { base.rawValue }
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong and what would be right.
    public let message: String
    /// The error beneath this one, if any.
    public let underlying: (any Error)?
    /// The stored model, for a ``Code/revisionConflict``.
    public let existing: Model?
    /// Where in the source the error arose.
    public let location: String

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        underlying: (any Error)? = nil,
        existing: Model? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.existing = existing
        self.location = "\(fileID):\(line)"
    }

    public var description: String { "\(code): \(message)" }
}
