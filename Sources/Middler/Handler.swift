/// Answers requests, or hands them on.
///
/// A handler that does not answer awaits `next` and gives back, perhaps changed, what comes of it. ``HandlerChain`` is
/// a handler itself, ``HandlerFunction`` makes one from a closure.
public protocol Handler: Sendable {
    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: The request, with the parameters of the path it was matched by.
    ///   - next: The rest of the chain.
    /// - Throws: Any error. It goes to the chain's ``HandlerChain/onError(_:)``, otherwise to the chain around it. An
    ///   error that is a ``ResponseError`` says what the client gets; any other one becomes a 500.
    func handle(_ request: Request, next: Next) async throws -> Response
}

/// A handler made from a closure. Keep it, and it can be removed from a chain later.
///
/// ```swift
/// let timing = HandlerFunction { request, next in
///     let start = ContinuousClock.now
///     defer { print(request.path, ContinuousClock.now - start) }
///     return try await next(request)
/// }
/// ```
public final class HandlerFunction: Handler {
    private let function: @Sendable (Request, Next) async throws -> Response

    /// A handler that may hand requests on.
    public init<Answer: ResponseConvertible>(_ function: @escaping @Sendable (Request, Next) async throws -> Answer) {
        self.function = { request, next in try await function(request, next).response() }
    }

    /// A handler that answers whatever it gets.
    public init<Answer: ResponseConvertible>(_ function: @escaping @Sendable (Request) async throws -> Answer) {
        self.function = { request, _ in try await function(request).response() }
    }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        try await function(request, next)
    }
}
