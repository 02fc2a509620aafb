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

    var status: HTTPResponse.Status { error.responseStatus }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.error("a session could not be read or saved", metadata: ["error": "\(error)"])
        var response = try HTTPError(status, message: error.responseMessage).response(from: request, context: context)
        for field in error.responseHeaderFields { response.headers[field.name] = field.value }
        return response
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
