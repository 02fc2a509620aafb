import Modeler

extension Session {
    /// Returns a token for a form of this session, to be put into a hidden field and checked with
    /// ``isValidCSRFToken(_:)`` when the form comes back.
    ///
    /// ``CrossSiteProtection`` is enough for most apps. A token stops what it doesn't: forms of a trusted origin, of an
    /// exempt path, and of browsers that send neither `Sec-Fetch-Site` nor `Origin`.
    ///
    /// Each text is another one; all of a session are valid as long as it lasts and nobody else is signed in to it. A
    /// sign-in invalidates those of before, ``rotate(grace:)`` doesn't.
    ///
    /// The session's first token stores a secret in one atomic write, which stores a new session and saves what was
    /// changed before; parallel requests get tokens of one secret. Later ones cost no round trip, and sessions that are
    /// never asked nothing at all.
    ///
    /// - Throws: As ``save()``.
    public func csrfToken() async throws(SessionError) -> String {
        if let token = observe({ $0.csrfToken }) { return token.text() }
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        if let token = observe({ $0.csrfToken }) { return token.text() }
        let secret: EncodedJSON = try .encoding(CSRFToken.randomSecret(), for: ReservedField.formSecret)
        try await Saver(self).run(
            SaveCall(.save, operations: [.init(ReservedField.formSecret, .setIfAbsent(secret))]))
        guard let token = observe({ $0.csrfToken }) else { throw SessionError(ended: id) }
        return token.text()
    }

    /// Whether a text that a form has brought is a token of ``csrfToken()`` for this session and the user who is signed
    /// in to it. Asks nothing of the store, and takes the same time wherever two texts differ.
    ///
    /// ```swift
    /// guard context.session.isValidCSRFToken(form.csrf) else { throw HTTPError(.forbidden) }
    /// ```
    public func isValidCSRFToken(_ text: String) -> Bool {
        observe { $0.csrfToken }?.matches(text) ?? false
    }
}

extension SessionMachine {
    /// The token of the session's forms; `nil` where nobody has asked for one.
    fileprivate var csrfToken: CSRFToken? {
        guard let record, let secret = record.model.fields[ReservedField.formSecret] else { return nil }
        return CSRFToken(secret: secret.value.bytes, owner: record.owner)
    }
}
