import HTTPTypes
import Hummingbird
import Logging
import Sess

/// The response to a request whose session could not be read or stored.
struct SessionErrorResponse: HTTPResponseError {
    let error: SessionError

    init(_ error: SessionError) {
        self.error = error
    }

    var status: HTTPResponse.Status {
        switch error.code {
        case .storeUnavailable: .serviceUnavailable
        case .conflict, .gone, .tooManySessions, .busy, .sectionLost: .conflict
        case .notSignedIn: .unauthorized
        case .tooLarge: .contentTooLarge
        default: .internalServerError
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.error("a session could not be read or saved", metadata: ["error": "\(error)"])
        var response = try HTTPError(status, message: message).response(from: request, context: context)
        response.headers[.cacheControl] = "no-store"
        if error.code == .storeUnavailable || error.code == .busy { response.headers[.retryAfter] = "1" }
        return response
    }

    /// What the client learns: never the store's own words.
    private var message: String {
        switch error.code {
        case .storeUnavailable: "The session store can't serve. Try again soon."
        case .conflict: "Another request changed the same part of the session."
        case .busy, .sectionLost: "Another request of this session is under way."
        case .gone: "The session has ended."
        case .tooLarge: "The session is too large."
        case .tooManySessions: "There are as many sessions as are allowed."
        case .notSignedIn: "Nobody is signed in."
        default: "The session could not be saved."
        }
    }
}

/// An error of a handler, with what the client must still learn of its session.
struct FailedRequest: HTTPResponseError {
    let underlying: any Error
    private var headerFields: HTTPFields

    var status: HTTPResponse.Status { .internalServerError }

    init(_ error: any Error) {
        underlying = error
        headerFields = [:]
    }

    /// The same with what the client must learn of one more session.
    func adding(_ session: Session, of manager: SessionManager) -> FailedRequest {
        var failed = self
        manager.finishWithoutSaving(session, headerFields: &failed.headerFields)
        return failed
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.error("a handler failed", metadata: ["error": "\(underlying)"])
        return Response(status: status, headers: headerFields)
    }
}
