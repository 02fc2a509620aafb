public import HTTPTypes
public import Hummingbird
import Logging
import Sess

/// A handler's error, with what the client must learn of its session all the same, such as a token that was replaced
/// before.
///
/// ``SessionMiddleware`` throws it in place of an error that can't carry header fields itself, and only where there are
/// some. Its response is that of the error, which an app's error middleware finds in ``underlying``.
public struct FailedRequest: HTTPResponseError {
    /// The handler's error.
    public let underlying: any Error
    /// What the response has to have.
    public internal(set) var headerFields: HTTPFields = [:]

    init(_ error: any Error) {
        underlying = error
    }

    public var status: HTTPResponse.Status {
        (underlying as? any HTTPResponseError)?.status ?? .internalServerError
    }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        guard let error = underlying as? any HTTPResponseError else {
            context.logger.error("a handler failed", metadata: ["error": "\(underlying)"])
            return Response(status: status, headers: headerFields)
        }
        var response = try error.response(from: request, context: context)
        if headerFields[.cacheControl] != nil { response.headers[.cacheControl] = nil }
        response.headers.append(contentsOf: headerFields)
        return response
    }
}
