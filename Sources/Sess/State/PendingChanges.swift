import Modeler

/// What a request has set and removed since the session was last saved, on top of what is stored.
struct PendingChanges: Sendable {
    /// One field's change.
    struct Entry: Sendable {
        var name: String
        /// The value set, or `nil` for a removal.
        var value: EncodedJSON?
        /// How long the value is to be there, counted by the store's clock from when it is stored; `nil` for as long as
        /// the session.
        var lifetime: Duration?
        /// Until when the value is to be there, by the store's clock: the deadline of the value that it takes the place
        /// of.
        var until: Timestamp?
        /// The policy the change was made with; `nil` for the manager's.
        var policy: ConflictPolicy?
        /// Whether the change applies whatever the field's revision is: it has lost a race and may win it.
        var isUnconditional = false
        /// Whether the change is a removal of the value that was read, which is nothing to a value that was stored
        /// since.
        var isTaking = false
        /// Whether it was made by the function that runs in the exclusive section.
        var isOfSection = false
        /// Tells it from every other change of the request.
        fileprivate(set) var number = 0
    }

    private(set) var entries: [Entry] = []
    /// The number of the last change.
    private var lastNumber = 0

    var isEmpty: Bool { entries.isEmpty }

    subscript(name: String) -> Entry? {
        entries.first { $0.name.hasSameBytes(as: name) }
    }

    /// Records a value or, as `nil`, a removal. A field that gets back what is stored is no change.
    mutating func set(
        _ value: EncodedJSON?,
        of name: String,
        lifetime: Duration? = nil,
        until: Timestamp? = nil,
        policy: ConflictPolicy?,
        isTaking: Bool = false,
        isUnchanged: Bool
    ) {
        let index = entries.firstIndex { $0.name.hasSameBytes(as: name) }
        if isUnchanged {
            if let index { entries.remove(at: index) }
            return
        }
        lastNumber += 1
        var entry = Entry(
            name: name, value: value, lifetime: lifetime, until: until, policy: policy, isTaking: isTaking)
        entry.number = lastNumber
        if let index {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Notes that the change of a field was made in the exclusive section.
    mutating func markOfSection(_ name: String) {
        guard let index = entries.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else { return }
        entries[index].isOfSection = true
    }

    /// Drops the entries that a commit has stored and that were not changed again while it was under way.
    mutating func removeStored(_ stored: PendingChanges) {
        // So it is unless the app has changed a field meanwhile; nothing is compared or copied then.
        if entries.count == stored.entries.count, lastNumber == stored.lastNumber {
            entries = []
            return
        }
        entries.removeAll { entry in
            stored.entries.contains {
                $0.name.hasSameBytes(as: entry.name) && $0.value == entry.value && $0.lifetime == entry.lifetime
                    && $0.until == entry.until
            }
        }
    }

    /// The changes of all other fields than these operations'.
    func without(_ operations: [FieldChange]) -> PendingChanges {
        if operations.isEmpty { return self }
        var others = self
        others.entries.removeAll { entry in operations.contains { $0.name.hasSameBytes(as: entry.name) } }
        return others
    }

    /// The changes that aren't among others.
    func changed(since others: [Entry]) -> [Entry] {
        entries.filter { entry in !others.contains { $0.number == entry.number } }
    }

    /// Replaces the entries after a conflict.
    mutating func replaceAll(_ entries: [Entry]) {
        self.entries = entries
    }
}
