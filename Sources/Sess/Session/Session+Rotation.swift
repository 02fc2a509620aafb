import Modeler

/// A token that takes the place of another.
struct TokenRotation: Sendable {
    var token: SessionToken
    /// How long the token before it is accepted.
    var grace: Duration = .zero

    var hasGrace: Bool { grace > .zero }
}

extension Session {
    /// Replaces the client's token and keeps the session and its data; pending changes are saved in the same write.
    /// The old token is dead at once, on every server. Do this when somebody signs in or gains rights.
    ///
    /// - Parameter grace: How long the old token is still accepted, for requests under way; none unless stated. With a
    ///   grace, of several requests that do this with one token the first replaces it: the others' changes are saved
    ///   and the client keeps the token that the first one got.
    /// Where the store's answer is lost, the session goes on with whichever token holds: call this again, or let the
    /// request fail. The client then gets both in one text, and its next request settles which.
    ///
    /// - Throws: As ``save()``.
    public func rotate(grace: Duration = .zero) async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        try await commit(rotation: withState { $0.rotation(grace: grace) })
    }
}

extension SessionState {
    /// A new token for the session; `nil` while there is no record, or where it ended.
    func rotation(grace: Duration) -> TokenRotation? {
        guard case .stored = standing else { return nil }
        return TokenRotation(token: SessionToken(id: model.id), grace: grace)
    }

    /// What is to be stored of a rotation.
    func record(of rotation: TokenRotation) -> TokenRecord {
        let now = storeTime
        let former = model.fields[TokenRecord.fieldName].flatMap { TokenRecord($0.value) }
        return TokenRecord(
            digest: rotation.token.digest(in: scope),
            previous: former.map { TokenRecord.Previous(digest: $0.digest, until: now + rotation.grace, replaced: now) }
        )
    }

    /// What the client's token is to a record that was read just now; a session that was reached by its id has none.
    func standing(ofTokenIn current: Model) -> TokenRecord.Standing {
        guard let field = current.fields[TokenRecord.fieldName], let record = TokenRecord(field.value), let token else {
            return .unknown
        }
        return record.standing(of: token.digest(in: scope), now: current.lifetime?.now ?? current.updated)
    }

    /// What the client's token is to a record that was read again; `nil` where it gives no access to it any more.
    func standing(afterReading current: Model) -> TokenRecord.Standing? {
        guard token != nil else { return .current }
        switch standing(ofTokenIn: current) {
        case .current: return .current
        case .graced: return .graced
        case .replaced, .unknown: return nil
        }
    }

    /// Whether the token is as old as tokens get, and this request's response can bring another one.
    func isRotationDue(every interval: Duration) -> Bool {
        guard case .stored = standing, token != nil, !isTokenSuperseded, transport != .bearer,
            let field = model.fields[TokenRecord.fieldName], let record = TokenRecord(field.value)
        else { return false }
        let issued = record.previous?.replaced ?? model.created
        return storeTime.milliseconds - issued.milliseconds >= interval.wholeMilliseconds
    }
}
