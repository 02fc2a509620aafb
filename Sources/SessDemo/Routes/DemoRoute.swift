import HTTPTypes
import Middler
import NIOCore
import Sess

/// A request as the demo's routes see it, whichever adapter brought it.
struct DemoRequest: Sendable {
    let session: Session
    let headerFields: HTTPFields
    /// The address of the connection's other end.
    let remoteAddress: String?
    /// The target's query. Both adapters read it as Middler does, so that a value counts alike on both.
    let query: FormParameters
    /// The whole body, up to a number of bytes.
    let collectBody: @Sendable (Int) async throws -> ByteBuffer
}

/// What a route answers.
struct DemoResponse: Sendable {
    var status = HTTPResponse.Status.ok
    var headerFields: HTTPFields = [:]
    var body = ByteBuffer()
    /// What follows the body, piece by piece, until it ends; `nil` for nothing.
    var stream: AsyncStream<ByteBuffer>?

    static func text(_ text: String) -> DemoResponse {
        DemoResponse(
            headerFields: [.contentType: "text/plain; charset=utf-8"], body: ByteBuffer(string: text))
    }
}

extension DemoRequest {
    /// Whether it comes from a browser that shows what it gets.
    var acceptsHTML: Bool { headerFields[values: .accept].contains { $0.contains("text/html") } }
}

/// A request that can't be answered as it is. The client is told why.
struct DemoRefusal: Error {
    var status = HTTPResponse.Status.badRequest
    var message: String
}

/// A method, a path, and what answers them.
struct DemoRoute: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let answer: @Sendable (DemoRequest) async throws -> DemoResponse
}
