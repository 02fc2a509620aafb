import HTTPTypes
import NIOHTTP1

extension Intake.Failure {
    /// What a client is told that has not sent a whole head; `nil` where nobody is there to be told.
    var headError: HTTPError? {
        switch self {
        case .malformed(let error): .malformed(error)
        case .unsupportedVersion: .unsupportedVersion
        case .slowHead: HTTPError(.requestTimeout, "The request's head took too long.")
        case .closed, .idle, .slowBody: nil
        }
    }

    /// What the readers of a body get.
    var bodyError: HTTPError {
        switch self {
        case .malformed(let error): .malformed(error)
        case .unsupportedVersion: .unsupportedVersion
        case .slowBody: HTTPError(.requestTimeout, "The request's body took too long.")
        case .closed, .idle, .slowHead:
            HTTPError(.badRequest, "The connection closed before the request's body was whole.")
        }
    }
}

extension HTTPError {
    static func bodyTooLarge(_ limit: Int) -> HTTPError {
        HTTPError(.contentTooLarge, "The body is longer than the \(limit) bytes that are accepted.")
    }

    static var unsupportedVersion: HTTPError { HTTPError(.httpVersionNotSupported, "HTTP/1.1 is spoken here.") }

    static func malformed(_ error: HTTPParserError) -> HTTPError {
        switch error {
        case .headerOverflow:
            HTTPError(.requestHeaderFieldsTooLarge, "The request's head is larger than is accepted.")
        default: HTTPError(.badRequest, "The request is not valid HTTP/1.1.")
        }
    }
}
