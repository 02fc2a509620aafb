/// What a store knows of one owner, and the operations on it: a pure value. Any store that can run Swift where it
/// writes may use it.
package struct OwnerIndex: Sendable, Equatable {
    /// How an owner stands to a model.
    package enum Standing: String, Sendable { case owned, reserved, condemned }

    package struct Entry: Sendable, Equatable {
        package var standing: Standing
        /// `nil` for never.
        package var deadline: Timestamp?

        package init(standing: Standing, deadline: Timestamp?) {
            self.standing = standing
            self.deadline = deadline
        }
    }

    package private(set) var epoch: OwnerEpoch
    package private(set) var entries: [ModelID: Entry]

    package init(epoch: OwnerEpoch = 0, entries: [ModelID: Entry] = [:]) {
        self.epoch = epoch
        self.entries = entries
    }

    /// Drops the entries whose deadline has passed.
    mutating func trim(now: Timestamp) {
        entries = entries.filter { entry in entry.value.deadline.map { $0 > now } ?? true }
    }

    /// Whether nothing here can matter any more.
    func isSpent(now: Timestamp) -> Bool {
        let epochEnd = Timestamp(milliseconds: Int64(epoch)) + OwnershipRetention.ofEpoch
        return entries.isEmpty && (epoch == 0 || epochEnd <= now)
    }

    package var ownership: Ownership {
        let sorted = entries.sorted { lhs, rhs in
            let (left, right) = (lhs.value.deadline?.milliseconds ?? .max, rhs.value.deadline?.milliseconds ?? .max)
            return left == right ? lhs.key < rhs.key : left < right
        }
        func ids(_ standing: Standing) -> [ModelID] { sorted.filter { $0.value.standing == standing }.map(\.key) }
        return Ownership(epoch: epoch, owned: ids(.owned), reserved: ids(.reserved), condemned: ids(.condemned))
    }

    package mutating func reserve(_ id: ModelID, limit: Int?, condemning victims: [ModelID], until: Timestamp)
        -> ReservationOutcome
    {
        for victim in victims where victim != id { entries[victim]?.standing = .condemned }
        switch entries[id]?.standing {
        case .condemned: return .condemned
        case .owned: return .reserved(ownership)
        case .reserved: break
        case nil:
            let taken = entries.values.count { $0.standing != .condemned }
            if let limit, taken >= limit { return .full(ownership) }
        }
        entries[id] = Entry(standing: .reserved, deadline: until)
        return .reserved(ownership)
    }

    /// Whether the model is the owner's; it has its place with this deadline then.
    package mutating func own(_ id: ModelID, epoch: OwnerEpoch, expires: Timestamp?, mustHavePlace: Bool) -> Bool {
        let standing = entries[id]?.standing
        guard self.epoch <= epoch, standing != .condemned, standing != nil || !mustHavePlace else { return false }
        entries[id] = Entry(standing: .owned, deadline: expires)
        return true
    }

    package mutating func advanceEpoch(now: Timestamp) {
        epoch = max(epoch + 1, Int(now.milliseconds))
        condemn(except: nil)
    }

    package mutating func condemn(except id: ModelID?) {
        for other in entries.keys where other != id { entries[other]?.standing = .condemned }
    }

    package mutating func withdraw(_ ids: [ModelID]) {
        for id in ids { entries[id] = nil }
    }
}
