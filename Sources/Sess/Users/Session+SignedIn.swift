public import Modeler

extension Session {
    /// When the user signed in, by the store's clock; `nil` where nobody is signed in.
    public var signedInAt: Timestamp? { observe { $0.signedInAt } }

    /// Returns the id of the user who is signed in.
    ///
    /// - Throws: ``SessionError/Code/notSignedIn`` where nobody is: a 401.
    public func requireUserID() throws(SessionError) -> String {
        guard let userID else { throw SessionError(.notSignedIn, "nobody is signed in to \(id)") }
        return userID
    }

    /// Refuses a session whose user signed in too long ago: before what may change an account, so that whoever finds an
    /// open browser can't.
    ///
    /// ```swift
    /// try context.session.requireRecentSignIn(within: .seconds(15 * 60))
    /// ```
    ///
    /// Another ``signIn(userID:device:since:)`` of the same user, once the password was checked, makes the sign-in
    /// recent. The time is the store's.
    ///
    /// - Throws: ``SessionError``: `notSignedIn`, a 401, where nobody is signed in; `signInTooOld`, a 403.
    public func requireRecentSignIn(within duration: Duration) throws(SessionError) {
        let (signedIn, now) = observe { ($0.signedInAt, $0.storeTime) }
        guard let signedIn, let now else { throw SessionError(.notSignedIn, "nobody is signed in to \(id)") }
        guard now <= signedIn + duration else {
            throw SessionError(
                .signInTooOld, "the sign-in to \(id) is older than \(duration): the user has to sign in again")
        }
    }
}

extension SessionMachine {
    /// When the user signed in. A session that began with its sign-in has no time of its own for that.
    fileprivate var signedInAt: Timestamp? {
        guard let record, let owner = record.owner else { return nil }
        return owner.at.map { Timestamp(milliseconds: $0) } ?? record.model.created
    }
}
