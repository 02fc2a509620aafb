public import HTTPTypes

/// An error that says what the client gets.
public protocol ResponseError: Error {
    /// The answer.
    var response: Response { get }
}

/// An error with a status, and a message for the client.
public struct HTTPError: ResponseError, CustomStringConvertible {
    public let status: HTTPResponse.Status
    /// What the client is told.
    public let message: String
    /// Further header fields of the answer.
    public var headerFields: HTTPFields

    /// Makes an error.
    public init(_ status: HTTPResponse.Status, _ message: String = "", headerFields: HTTPFields = [:]) {
        self.status = status
        self.message = message.isEmpty ? status.reasonPhrase : message
        self.headerFields = headerFields
    }

    public var description: String { "\(status.code) \(message)" }

    /// The message as plain text.
    public var response: Response {
        var response = Response.text(message, status: status)
        for field in headerFields { response.headerFields.append(field) }
        return response
    }
}
