public import Hummingbird
public import Sess

/// The response to a request whose session could not be read or stored, where the app's own middleware hasn't made one.
extension SessionError: HTTPResponseError {
    /// See `responseStatus`.
    public var status: HTTPResponse.Status { responseStatus }

    /// The response, in the context's encoding.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try HTTPError(status, headers: responseHeaderFields, message: responseMessage)
            .response(from: request, context: context)
    }
}
