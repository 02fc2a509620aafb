@_exported public import FlyingFox
public import Foundation
public import HTTPTypes
@_exported public import Sess

/// Gives every request of a FlyingFox handler its session, and saves it before the response leaves.
public struct SessionHTTPHandler<Handler: HTTPHandler>: HTTPHandler {
    private let handler: Handler
    private let manager: SessionManager
    private let isTLS: Bool

    /// Puts sessions around a handler.
    ///
    /// - Parameter isTLS: Whether every connection to this server is TLS.
    public init(_ handler: Handler, _ manager: SessionManager, isTLS: Bool = false) {
        self.handler = handler
        self.manager = manager
        self.isTLS = isTLS
    }

    public func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        let sessions = RequestSessions()
        do {
            return try await SessionExchange(manager, in: sessions).run(
                description(of: request),
                headerFields: \.fields,
                isResponse: { _ in false },
                carry: carry,
                handler: {
                    try await CurrentRequest.$sessions.withValue(sessions) {
                        try await handler.handleRequest(request)
                    }
                })
        } catch let error as SessionError {
            return response(error.responseStatus, error.responseMessage, error.responseHeaderFields)
        } catch let error as FailedHandler {
            return response(.internalServerError, "Something went wrong.", error.fields)
        }
    }

    private func description(of request: HTTPRequest) -> SessionRequest {
        SessionRequest(
            headerFields: HTTPFields(request.headers),
            path: request.path,
            authority: request.headers[.host],
            isSecure: isTLS,
            // The connection's other end. `remoteIPAddress` believes what anybody writes into X-Forwarded-For.
            remoteAddress: request.remoteAddress?.host)
    }

    /// Puts what the client has to know into the response that is made of an error.
    private func carry(_ error: any Error, _ add: SessionExchange.Addition) -> any Error {
        if var error = error as? SessionError {
            add(&error.sessionHeaderFields)
            return error
        }
        var fields = HTTPFields()
        add(&fields)
        // One that means something to FlyingFox, such as a route that isn't there, goes on where it carries nothing.
        return fields.contains { $0.name != .vary } ? FailedHandler(fields: fields) : error
    }

    private func response(
        _ status: HTTPTypes.HTTPResponse.Status, _ message: String, _ fields: HTTPFields
    ) -> HTTPResponse {
        var response = HTTPResponse(
            statusCode: HTTPStatusCode(status.code, phrase: status.reasonPhrase), body: Data(message.utf8))
        response.fields = fields
        return response
    }
}

/// A handler's error whose client has to learn something of its session.
private struct FailedHandler: Error {
    var fields: HTTPFields
}

/// FlyingFox's requests have no place for what middlewares keep: the task has.
private enum CurrentRequest {
    @TaskLocal static var sessions: RequestSessions?
}

extension FlyingFox.HTTPRequest {
    /// The request's session. Outside of a ``SessionHTTPHandler`` it is a detached one, and an assertion in a debug
    /// build.
    public var session: Session { (CurrentRequest.sessions ?? RequestSessions()).session() }
}
