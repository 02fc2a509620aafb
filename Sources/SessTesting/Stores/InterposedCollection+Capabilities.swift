public import Modeler

extension InterposedCollection: OwnershipCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await run(.ownership) { () throws(ModelError) in try await owners().ownership(of: owner) }
    }

    public func reserve(
        _ id: ModelID, for owner: OwnerID, limit: Int?, condemning victims: [ModelID], hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await run(.reserve) { () throws(ModelError) in
            try await owners().reserve(id, for: owner, limit: limit, condemning: victims, hold: hold)
        }
    }

    public func confirm(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await run(.confirm) { () throws(ModelError) in
            try await owners().confirm(id, of: owner, epoch: epoch, expires: expires)
        }
    }

    public func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome {
        try await run(.renew) { () throws(ModelError) in
            try await owners().renew(id, of: owner, epoch: epoch, expires: expires)
        }
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await run(.advance) { () throws(ModelError) in try await owners().advanceEpoch(of: owner) }
    }

    public func advanceEpoch(
        of owner: OwnerID, sparing id: ModelID, epoch: OwnerEpoch, hold: Duration
    ) async throws(ModelError) -> Ownership? {
        try await run(.advance) { () throws(ModelError) in
            try await owners().advanceEpoch(of: owner, sparing: id, epoch: epoch, hold: hold)
        }
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await run(.condemn) { () throws(ModelError) in try await owners().condemn(allOf: owner, except: id) }
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await run(.withdraw) { () throws(ModelError) in try await owners().withdraw(ids, from: owner) }
    }

    private func owners() throws(ModelError) -> any OwnershipCollection {
        guard let owners = base as? any OwnershipCollection else {
            throw ModelError(.misconfigured, "\(name) keeps no owners: what is interposed on is no OwnershipCollection")
        }
        return owners
    }
}

extension InterposedCollection: ScannableCollection {
    public func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep {
        try await run(.scan) { () throws(ModelError) in
            guard let scannable = base as? any ScannableCollection else {
                throw ModelError(
                    .misconfigured, "\(name) can't be gone through: what is interposed on is no ScannableCollection")
            }
            return try await scannable.scan(after: cursor, limit: limit)
        }
    }
}

extension InterposedCollection: EndSignalCollection {
    /// The base's signals, without a call of either function.
    public func endSignals(of id: ModelID) -> AsyncStream<EndSignal> {
        if let base = base as? any EndSignalCollection { return base.endSignals(of: id) }
        return AsyncStream { continuation in
            continuation.yield(.untold)
            continuation.finish()
        }
    }
}
