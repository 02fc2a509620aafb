import HTTPTypes
public import Modeler
public import Sess

/// A session that was made for a test, and what a client has to send to be in it.
public struct MintedSession: Sendable {
    /// Names the session.
    public let id: ModelID
    /// The client's token, for transports other than the cookie.
    public let token: String
    /// The `Cookie` header of the client's requests.
    public let cookie: String
}

extension SessionManager {
    /// Makes a stored session in one line, signed in where a user is named. The real thing: nothing tells it from one
    /// that a browser has got.
    ///
    /// ```swift
    /// let alice = try await manager.mint(userID: "alice") { $0["role"] = "admin" }
    /// try await client.execute(uri: "/", method: .get, headers: [.cookie: alice.cookie])
    /// ```
    ///
    /// - Parameters:
    ///   - userID: Who is signed in; nobody unless stated.
    ///   - path: The path of the request that begins the session; the one of the manager's cookie unless stated.
    ///   - authority: The host that it asks, for a manager whose cookies depend on it.
    ///   - prepare: Sets the session's fields.
    /// - Throws: As ``Session/signIn(userID:device:since:)`` and ``Session/save()``; what `prepare` throws.
    public func mint(
        userID: String? = nil,
        path: String? = nil,
        authority: String? = nil,
        _ prepare: (Session) async throws -> Void = { _ in }
    ) async throws -> MintedSession {
        let request = SessionRequest(
            headerFields: [:], path: path ?? cookiePath, authority: authority, isSecure: true, remoteAddress: nil)
        return try await withStoreDeadline { try await mint(userID: userID, request, prepare) }
    }

    private func mint(
        userID: String?, _ request: SessionRequest, _ prepare: (Session) async throws -> Void
    ) async throws -> MintedSession {
        let session = try await begin(request)
        try await prepare(session)
        if let userID {
            try await session.signIn(userID: userID)
        } else {
            if session.names.isEmpty { session["minted"] = true }
            try await session.save()
        }
        var fields = HTTPFields()
        try await finish(session, headerFields: &fields)
        guard let token = session.revealToken() else {
            throw SessionError(.detached, "the manager's options let no session of this request be stored")
        }
        let cookie = fields[values: .setCookie].first.map { String($0.prefix { $0 != ";" }) } ?? ""
        return MintedSession(id: session.id, token: token, cookie: cookie)
    }
}
