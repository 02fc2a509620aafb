/// The chain of a server. The first call attaches an empty one, later calls give that same one.
///
/// ```swift
/// let server = HTTPServer(port: 3000)
/// middler(server).get("/") { _ in "hello world!" }
/// try await server.run()
/// ```
@discardableResult
public func middler(_ server: HTTPServer) -> HandlerChain {
    server.chain
}

/// A server's chain, with a handler added.
@discardableResult
public func middler<Answer: ResponseConvertible>(
    _ server: HTTPServer, _ handler: @escaping @Sendable (Request, Next) async throws -> Answer
) -> HandlerChain {
    server.chain.add(handler: handler)
}

/// A chain of its own, to be attached or to be added to another one.
public func middler() -> HandlerChain {
    HandlerChain()
}
