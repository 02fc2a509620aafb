/// Everything of a stored model but its id and its fields: revision, times, limits and deadline.
///
/// A pure value with the rules that every store follows: when a model is expired, what a write and a renewal do, what a
/// change may expect, and what is answered. A store reads it, changes it, and writes it back in one atomic step.
public struct RecordHead: Sendable, Hashable {
    /// The number of writes so far.
    public var revision: Revision
    /// When the model was created.
    public var created: Timestamp
    /// When the model was last written; never before ``created``.
    public var updated: Timestamp
    /// The model's limits, in whole milliseconds.
    public var expiry: Expiry
    /// The first instant at which the model is not there any more; `nil` for never.
    public var deadline: Timestamp?

    /// The largest number in a stored record, 2⁵³ − 1: JSON readers and Lua have all up to it exactly.
    public static let largestNumber: Int64 = 9_007_199_254_740_991

    /// Makes the head of a new model, at revision 1.
    public init(expiry: Expiry, now: Timestamp) {
        self.revision = 1
        self.created = now
        self.updated = now
        self.expiry = expiry.inWholeMilliseconds
        self.deadline = nil
        renew(.touch, now: now)
    }

    /// Makes a head of stored numbers, times and limits in milliseconds.
    ///
    /// - Returns: `nil` where a number is none that a store has written: negative, beyond ``largestNumber``, or 0 for a
    ///   revision or a limit.
    public init?(
        revision: Int64,
        created: Int64,
        updated: Int64,
        idle: Int64?,
        absolute: Int64?,
        deadline: Int64?
    ) {
        let positive = 1...Self.largestNumber
        let instants = 0...Self.largestNumber
        guard positive.contains(revision), instants.contains(created), instants.contains(updated),
            idle.map(positive.contains) ?? true, absolute.map(positive.contains) ?? true,
            deadline.map(instants.contains) ?? true
        else { return nil }
        self.revision = Int(revision)
        self.created = Timestamp(milliseconds: created)
        self.updated = Timestamp(milliseconds: updated)
        self.expiry = Expiry(
            idle: idle.map { .milliseconds($0) }, absolute: absolute.map { .milliseconds($0) }
        )
        self.deadline = deadline.map { Timestamp(milliseconds: $0) }
    }

    /// Whether the model is not there any more: its deadline is reached or has passed.
    public func isExpired(at now: Timestamp) -> Bool {
        deadline.map { $0 <= now } ?? false
    }

    /// Whether what a write expects holds.
    ///
    /// - Parameter revisionOf: Returns the revision that wrote a field, 0 for one that isn't there. Called only for
    ///   fields that are expected.
    public func satisfies<Failure: Error>(
        _ expectation: Change.Expectation,
        revisionOf: (String) throws(Failure) -> Revision
    ) throws(Failure) -> Bool {
        switch expectation {
        case .nothing: return true
        case .revision(let revision): return revision == self.revision
        case .fields(let expected):
            for field in expected where try revisionOf(field.name) != field.revision { return false }
            return true
        }
    }

    /// Records one more write.
    ///
    /// - Throws: ``ModelError/Code/unreadable`` where the revision can't grow, which no model reaches by writes.
    public mutating func write(now: Timestamp) throws(ModelError) {
        guard revision < Self.largestNumber else {
            throw ModelError(.unreadable, "the model's revision is 2⁵³ − 1 and can't grow")
        }
        revision += 1
        updated = max(updated, now)
    }

    /// Moves the deadline as a change says.
    public mutating func renew(_ renewal: Change.Renewal, now: Timestamp) {
        switch renewal {
        case .keep: return
        case .touch: break
        case .replace(let limits): expiry = limits.inWholeMilliseconds
        }
        let last = Timestamp(milliseconds: Self.largestNumber)
        deadline = Lifetime.deadline(expiry, created: created, now: now).map { min($0, last) }
    }
}

extension RecordHead {
    /// The model's lifetime, in an answer of this instant.
    public func lifetime(now: Timestamp) -> Lifetime {
        Lifetime(expiry: expiry, expires: deadline, now: now)
    }

    /// The model with its fields, in an answer of this instant.
    public func model(id: ModelID, fields: Fields, now: Timestamp) -> Model {
        Model(
            id: id,
            revision: revision,
            created: created,
            updated: updated,
            fields: fields,
            lifetime: lifetime(now: now)
        )
    }

    /// The answer to a write.
    ///
    /// - Parameters:
    ///   - revision: The revision that the write gave the model; by default the model's.
    ///   - values: The fields whose values the store has made.
    ///   - now: The instant of the answer.
    public func commit(revision: Revision? = nil, values: [Field] = [], now: Timestamp) -> Commit {
        Commit(
            revision: revision ?? self.revision,
            created: created,
            updated: updated,
            lifetime: lifetime(now: now),
            values: values
        )
    }
}
