public import Middler
public import Sess

/// The response to a request whose session could not be read or stored, where no `onError` of a chain has made one.
extension SessionError: ResponseError {
    public var response: Response {
        HTTPError(responseStatus, responseMessage, headerFields: responseHeaderFields).response
    }
}
