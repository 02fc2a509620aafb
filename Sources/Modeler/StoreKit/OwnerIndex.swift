/// The models of one owner and the owner's epoch, with the rules of ``OwnershipCollection``: a pure value.
public struct OwnerIndex: Sendable, Equatable {
    /// How an owner stands to a model.
    public enum Standing: String, Sendable {
        /// The model is the owner's.
        case owned
        /// The model is about to become the owner's.
        case reserved
        /// The model was the owner's, and its removal isn't confirmed yet.
        case condemned
    }

    /// What is known of one model.
    public struct Entry: Sendable, Equatable {
        /// How the owner stands to the model.
        public var standing: Standing
        /// When the entry leaves the index; `nil` for never.
        public var deadline: Timestamp?

        /// Makes an entry.
        public init(standing: Standing, deadline: Timestamp?) {
            self.standing = standing
            self.deadline = deadline
        }
    }

    /// The owner's epoch.
    public private(set) var epoch: OwnerEpoch
    /// The models, by id.
    public private(set) var entries: [ModelID: Entry]

    /// Makes an index, as a store does when it has read one.
    public init(epoch: OwnerEpoch = 0, entries: [ModelID: Entry] = [:]) {
        self.epoch = epoch
        self.entries = entries
    }

    /// Drops the entries whose deadline is reached or has passed.
    public mutating func trim(now: Timestamp) {
        func isPast(_ entry: Entry) -> Bool { entry.deadline.map { $0 <= now } ?? false }
        guard entries.values.contains(where: isPast) else { return }
        entries = entries.filter { !isPast($0.value) }
    }

    /// Whether nothing is known of the owner: no model and no epoch.
    public var isEmpty: Bool { entries.isEmpty && epoch == 0 }

    /// Whether nothing here can matter any more, so that a store may forget the owner.
    public func isSpent(now: Timestamp) -> Bool {
        let epochEnd = Timestamp(milliseconds: Int64(epoch)) + OwnershipRetention.ofEpoch
        return entries.isEmpty && (epoch == 0 || epochEnd <= now)
    }

    /// The index as it is answered.
    public var ownership: Ownership {
        let sorted = entries.sorted { lhs, rhs in
            let (left, right) = (lhs.value.deadline?.milliseconds ?? .max, rhs.value.deadline?.milliseconds ?? .max)
            return left == right ? lhs.key < rhs.key : left < right
        }
        func ids(_ standing: Standing) -> [ModelID] { sorted.filter { $0.value.standing == standing }.map(\.key) }
        return Ownership(epoch: epoch, owned: ids(.owned), reserved: ids(.reserved), condemned: ids(.condemned))
    }

    /// Takes a place for a model, as ``OwnershipCollection/reserve(_:for:limit:condemning:hold:)`` does.
    ///
    /// - Parameter until: When the place is given up unless it is confirmed.
    public mutating func reserve(
        _ id: ModelID, limit: Int?, condemning victims: [ModelID], until: Timestamp
    ) -> ReservationOutcome {
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

    /// Makes a model that has a place the owner's, unless it was revoked: the epoch has moved since, or the model is
    /// condemned. See ``OwnershipCollection/confirm(_:of:epoch:expires:)``.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that the model's record names.
    ///   - expires: When the entry leaves the index; `nil` for never.
    /// - Returns: Whether the model is the owner's.
    public mutating func confirm(_ id: ModelID, epoch: OwnerEpoch, expires: Timestamp?) -> Bool {
        guard self.epoch <= epoch, let standing = entries[id]?.standing, standing != .condemned else { return false }
        entries[id] = Entry(standing: .owned, deadline: expires)
        return true
    }

    /// Renews a model, with a place or without, as ``OwnershipCollection/renew(_:of:epoch:expires:)`` does.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that the model's record names.
    ///   - expires: When the entry leaves the index; `nil` for never.
    public mutating func renew(_ id: ModelID, epoch: OwnerEpoch, expires: Timestamp?) -> RenewalOutcome {
        guard holds(id, epoch) else { return .revoked }
        guard self.epoch <= epoch else { return .renewed }
        let wasEmpty = isEmpty
        entries[id] = Entry(standing: .owned, deadline: expires)
        return wasEmpty ? .restored : .renewed
    }

    /// Moves the epoch to the clock, at least by one, and condemns every model.
    public mutating func advanceEpoch(now: Timestamp) {
        epoch = max(epoch < .max ? epoch + 1 : epoch, Int(clamping: now.milliseconds))
        condemn(except: nil)
    }

    /// Moves the epoch, condemns every model but one, and reserves a place for that one, as
    /// ``OwnershipCollection/advanceEpoch(of:sparing:epoch:hold:)`` does.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that the model's record names.
    ///   - until: When the place is given up unless it is confirmed.
    /// - Returns: Whether anything was changed: not where the model itself was revoked.
    public mutating func advanceEpoch(
        now: Timestamp, sparing id: ModelID, epoch: OwnerEpoch, until: Timestamp
    ) -> Bool {
        guard holds(id, epoch) else { return false }
        advanceEpoch(now: now)
        entries[id] = Entry(standing: .reserved, deadline: until)
        return true
    }

    /// Whether a model whose record names an epoch was not revoked.
    private func holds(_ id: ModelID, _ epoch: OwnerEpoch) -> Bool {
        switch entries[id]?.standing {
        case .condemned: false
        case .reserved: true
        case .owned, nil: self.epoch <= epoch
        }
    }

    /// Condemns every model but one.
    public mutating func condemn(except id: ModelID?) {
        for other in entries.keys where other != id { entries[other]?.standing = .condemned }
    }

    /// Drops the entries of models.
    public mutating func withdraw(_ ids: [ModelID]) {
        for id in ids { entries[id] = nil }
    }
}
