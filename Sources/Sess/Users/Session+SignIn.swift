public import Modeler

extension Session {
    /// Names the user who is signed in; `nil` for nobody.
    public var userID: String? {
        observe { $0.record?.owner?.user }
    }

    /// Signs a user in: one write names the user, stores what was changed before, and replaces the client's token, so
    /// that a token which somebody planted earlier is dead at once, on every server.
    ///
    /// The data of an anonymous session stay. Where another user is signed in, a new session begins, and theirs ends
    /// with all its data. Where the request's session has ended or its token was replaced meanwhile, as by the same
    /// form sent twice, a new session begins as well.
    ///
    /// Requests that carry the token from before, and come in after it was replaced, take no part in the session any
    /// more: somebody else may have that token. For ``SessionOptions/Tokens/rotationGrace`` they get a detached
    /// session.
    ///
    /// A revocation of all the user's sessions ends a sign-in that asked the store before it, at any step. With
    /// `epoch` that holds from the moment on at which the epoch was read.
    ///
    /// A sign-in that fails leaves no trace: no place among the user's sessions, and none of them ended.
    ///
    /// - Parameters:
    ///   - userID: Names the user: any text of 1 to 256 bytes.
    ///   - device: Describes the client for a page that lists the user's sessions.
    ///   - epoch: ``SessionManager/epoch(of:)`` from before the password was checked, so that a sign-in with a
    ///     password that was changed meanwhile doesn't hold.
    /// - Throws: ``SessionError``: as ``save()``; `gone` where the sign-in lost against a revocation;
    ///   `tooManySessions` where the user has as many as are allowed and the policy is to refuse; `invalidUser`;
    ///   `invalidConfiguration` where the store keeps no owners; `responseSent` after the response's head has left;
    ///   `noClient` for a session that was reached by its id.
    public func signIn(
        userID: String,
        device: SessionDevice? = nil,
        since epoch: OwnerEpoch? = nil
    ) async throws(SessionError) {
        let owner = try manager.users.owner(userID)
        await gate.enter()
        defer { gate.leave() }
        var signIn = SignIn(self, userID: userID, owner: owner, device: device, since: epoch)
        try await signIn.run()
    }

    /// Signs the user out: as ``destroy()``.
    ///
    /// - Throws: As ``destroy()``.
    public func signOut() async throws(SessionError) {
        try await destroy()
    }
}
