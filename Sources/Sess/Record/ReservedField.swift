import Modeler

/// The fields of a session's record that are the library's own. Their names begin with `__`, which no app's may.
enum ReservedField {
    /// The digest of the session's valid token: ``TokenRecord``.
    static let token = "__token"
    /// The token before, and when it was replaced: ``TokenRecord``. A field of its own, so that neither is longer than
    /// the 64 bytes beyond which a Redis hash leaves its compact form.
    static let formerToken = "__former"
    /// Whose the session is: ``OwnerRecord``.
    static let owner = "__owner"
    /// The lease of the exclusive section: ``SectionRecord``.
    static let section = "__section"
    /// The version of the app's data: ``SessionSchema``.
    static let schema = "__schema"
    /// Whether the client's cookie outlives the browser's session.
    static let persistent = "__persistent"
    /// Whether the app has given the session limits of its own.
    static let ownLimits = "__limits"
    /// Before a field's name: the field's own deadline, ``FieldDeadline``.
    static let deadlinePrefix = "__until."

    /// The value of a mark that is set.
    static let yes = EncodedJSON(unchecked: ArraySlice("true".utf8))

    /// Refuses the name of a reserved field.
    ///
    /// - Throws: ``SessionError/Code/invalidField``.
    static func refuse(_ name: String) throws(SessionError) {
        if Field.isSaveOnly(name) { throw error(name) }
    }

    /// The error for a field that an app may not name so.
    static func error(_ name: String) -> SessionError {
        SessionError(.invalidField, "names that begin with '__' are reserved: '\(name)'")
    }
}
