public import HTTPTypes

/// What the client of a request gets that failed with a session's error. For adapters.
extension SessionError {
    /// The response's status.
    public var responseStatus: HTTPResponse.Status {
        switch code {
        case .storeUnavailable, .unreadableHere: .serviceUnavailable
        case .conflict, .gone, .tooManySessions, .busy, .sectionLost: .conflict
        case .notSignedIn: .unauthorized
        case .signInTooOld: .forbidden
        case .invalidUser: .badRequest
        case .tooLarge: .contentTooLarge
        default: .internalServerError
        }
    }

    /// The response's text: never the store's own words.
    public var responseMessage: String {
        switch code {
        case .storeUnavailable, .unreadableHere: "The session store can't serve. Try again soon."
        case .conflict: "Another request changed the same part of the session."
        case .busy, .sectionLost: "Another request of this session is under way."
        case .gone: "The session has ended."
        case .tooLarge: "The session is too large."
        case .tooManySessions: "There are as many sessions as are allowed."
        case .notSignedIn: "Nobody is signed in."
        case .signInTooOld: "The sign-in is too old. Sign in again."
        case .invalidUser: "The user's name is empty or too long."
        default: "The session could not be saved."
        }
    }

    /// The response's header fields beside those of its text, with what the client has to know of its sessions. There
    /// may be several of one name: append them.
    public var responseHeaderFields: HTTPFields {
        var fields = sessionHeaderFields
        fields[.cacheControl] = "no-store"
        if responseStatus == .serviceUnavailable || code == .busy { fields[.retryAfter] = "1" }
        return fields
    }
}
