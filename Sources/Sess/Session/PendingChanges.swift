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
        /// The policy the change was made with; `nil` for the manager's.
        var policy: ConflictPolicy?
        /// Whether the change applies whatever the field's revision is: it has lost a race and may win it.
        var isUnconditional = false
    }

    private(set) var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    subscript(name: String) -> Entry? {
        entries.first { $0.name.hasSameBytes(as: name) }
    }

    /// Records a value or, as `nil`, a removal. A field that gets back what is stored is no change.
    mutating func set(
        _ value: EncodedJSON?,
        of name: String,
        lifetime: Duration? = nil,
        policy: ConflictPolicy?,
        isUnchanged: Bool
    ) {
        let index = entries.firstIndex { $0.name.hasSameBytes(as: name) }
        if isUnchanged {
            if let index { entries.remove(at: index) }
            return
        }
        let entry = Entry(name: name, value: value, lifetime: lifetime, policy: policy)
        if let index {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Drops the entries that a commit has stored and that were not changed again while it was under way.
    mutating func removeStored(_ stored: PendingChanges) {
        entries.removeAll { entry in
            stored.entries.contains {
                $0.name.hasSameBytes(as: entry.name) && $0.value == entry.value && $0.lifetime == entry.lifetime
            }
        }
    }

    /// Replaces the entries after a conflict.
    mutating func replaceAll(_ entries: [Entry]) {
        self.entries = entries
    }
}
