public import HTTPTypes
public import Hummingbird
import Logging
import Sess

/// A handler's error, with what the client must learn of its session all the same, such as a token that was replaced
/// before.
///
/// ``SessMiddleware`` throws it in place of an error that can't carry header fields itself, and only where there are
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

extension FailedRequest {
    /// Whether a handler's error is a response that it has chosen.
    static func isResponse(_ error: any Error) -> Bool {
        switch error {
        case is SessionError: false
        case let error as FailedRequest: isResponse(error.underlying)
        default: error is any HTTPResponseError
        }
    }

    /// Has an error carry header fields into its response. One that can goes on as what it is, so that an error
    /// middleware before finds it by its type.
    static func carry(_ error: any Error, _ add: (inout HTTPFields) -> Void) -> any Error {
        switch error {
        case var error as SessionError:
            add(&error.sessionHeaderFields)
            return error
        case var error as HTTPError:
            add(&error.headers)
            return error
        case var error as FailedRequest:
            add(&error.headerFields)
            return error
        default:
            var failed = FailedRequest(error)
            add(&failed.headerFields)
            // Nobody caches an error that isn't a response: what it varies by is of no use to anybody.
            let isNeeded =
                error is any HTTPResponseError
                ? !failed.headerFields.isEmpty : failed.headerFields.contains { $0.name != .vary }
            return isNeeded ? failed : error
        }
    }
}
