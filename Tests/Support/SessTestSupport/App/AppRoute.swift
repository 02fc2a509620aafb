public import HTTPTypes
public import NIOCore
public import Sess

/// A request as a test's handler sees it, whichever adapter brought it.
public struct AppRequest: Sendable {
    public let requestSessions: RequestSessions
    /// The path's parameter of a name.
    public let parameter: @Sendable (String) -> String?

    public var session: Session { requestSessions.session() }

    public func session(of system: any SessionSystem.Type) -> Session { requestSessions.session(of: system) }
}

/// What a test's handler answers.
public struct AppResponse: Sendable {
    public enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Texts, with a pause before each but the first.
        case stream([String], pause: Duration)
        /// A text that is made when the response's head has left.
        case made(@Sendable () async -> String)
    }

    public var status: HTTPResponse.Status
    public var headerFields: HTTPFields
    public var body: Body

    public init(_ status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }
}

/// What handlers may return.
public protocol AppAnswer: SendableMetatype {
    var answer: AppResponse { get }
}

extension AppResponse: AppAnswer {
    public var answer: AppResponse { self }
}

extension String: AppAnswer {
    public var answer: AppResponse {
        AppResponse(headerFields: [.contentType: "text/plain"], body: .bytes(ByteBuffer(string: self)))
    }
}

/// An error that is a response, as every framework has one.
public struct AppRefusal: Error {
    public let status: HTTPResponse.Status

    public init(_ status: HTTPResponse.Status) { self.status = status }
}

/// The routes of a test's app.
public final class AppRoutes {
    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let handler: @Sendable (AppRequest) async throws -> AppResponse
    }

    private(set) var routes: [Route] = []

    public func get<Answer: AppAnswer>(
        _ path: String, _ handler: @escaping @Sendable (AppRequest) async throws -> Answer
    ) {
        routes.append(Route(method: .get, path: path) { try await handler($0).answer })
    }

    public func post<Answer: AppAnswer>(
        _ path: String, _ handler: @escaping @Sendable (AppRequest) async throws -> Answer
    ) {
        routes.append(Route(method: .post, path: path) { try await handler($0).answer })
    }
}
