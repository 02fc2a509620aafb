import Synchronization

/// Handlers that run one after the other until one of them answers.
///
/// ```swift
/// let chain = HandlerChain()
///     .get("/robots.txt") { _ in "humans only!" }
///     .post("/posts/:id") { request in "post \(request.parameters["id"] ?? "")" }
///     .add { request, next in try await next(request) }
/// ```
///
/// A chain is a ``Handler`` itself, so it can be added to another one. All its functions may be called at any time,
/// also while requests are running, from any task; a request goes through the handlers that were there when it came.
public final class HandlerChain: Handler {
    /// Answers a request in which a handler failed.
    public typealias ErrorHandler = @Sendable (any Error, Request) async throws -> Response

    private struct State {
        /// By weight, and as they were added where the weight is the same.
        var entries: [ChainEntry] = []
        var onError: ErrorHandler?
        /// Where the chain is attached. The server has the chain; were it the other way as well, neither would ever go.
        weak var server: HTTPServer?
    }

    private let state = Mutex(State())

    /// An empty chain.
    public init() {}

    init(attachedTo server: HTTPServer) {
        state.withLock { $0.server = server }
    }

    /// This chain as a handler, to be added to another one. It is the chain itself.
    public var handler: any Handler { self }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        let (entries, onError) = state.withLock { ($0.entries, $0.onError) }
        let outer = OuterChain(next)
        let own = Next(entries: entries, outer: outer, request)
        guard let onError else { return try await own(request) }
        do {
            return try await own(request)
        } catch {
            guard !outer.threw(error) else { throw error }
            return try await onError(error, request)
        }
    }

    // MARK: Adding

    /// Adds handlers, all for the same requests. They run in the order of their weights, those of one weight in the
    /// order they were added.
    ///
    /// - Returns: The chain.
    @discardableResult
    public func add(_ filter: RouteFilter, _ handlers: [any Handler]) -> HandlerChain {
        let weight = filter.weight ?? 0
        let added = handlers.map { handler in
            ChainEntry(
                methods: Methods(filter.methods), hosts: Hosts(filter.hosts), paths: Paths(filter.paths),
                weight: weight, handler: handler)
        }
        state.withLock { state in
            let place = state.entries.firstIndex { $0.weight > weight } ?? state.entries.endIndex
            state.entries.insert(contentsOf: added, at: place)
        }
        return self
    }

    // MARK: Removing

    /// Removes a handler, wherever it was added. Only a handler that is an object can be told from others, such as a
    /// ``HandlerFunction`` or a chain.
    @discardableResult
    public func remove(_ handler: any Handler) -> HandlerChain {
        state.withLock { state in state.entries.removeAll { $0.isFor(handler) } }
        return self
    }

    /// Removes a path, written as it was added. What was added for other paths as well stays for those.
    @discardableResult
    public func remove(_ path: PathPattern) -> HandlerChain {
        state.withLock { state in
            state.entries = state.entries.compactMap { entry in
                var entry = entry
                guard entry.paths.remove(path) else { return entry }
                return entry.paths.patterns.isEmpty ? nil : entry
            }
        }
        return self
    }

    /// Removes all handlers. The error handler stays.
    @discardableResult
    public func removeAll() -> HandlerChain {
        state.withLock { $0.entries = [] }
        return self
    }

    // MARK: Errors

    /// Says who answers a request in which a handler of this chain threw an error. Without it, the error goes to the
    /// chain around this one, and from the outermost one to the server, which answers with a 500 and logs it.
    ///
    /// What the chain around this one throws is not for this one: handlers that hand requests on let it pass. One that
    /// catches it and throws another error has failed itself; so has one that casts it to its type, or resumes a
    /// continuation with it, and throws what comes of that.
    ///
    /// - Parameter handler: Gets the error and the request as it came to this chain. It may throw in its turn.
    @discardableResult
    public func onError(_ handler: @escaping ErrorHandler) -> HandlerChain {
        state.withLock { $0.onError = handler }
        return self
    }

    // MARK: Servers

    /// Lets the chain answer a server's requests, in place of the chain that did so before, if any. The server's own
    /// handler gets what the chain doesn't answer. A chain that was attached elsewhere is detached there. The server
    /// keeps the chain, the chain does not keep the server.
    @discardableResult
    public func attach(_ server: HTTPServer) -> HandlerChain {
        detach()
        server.attach(self)?.forget(server)
        state.withLock { $0.server = server }
        return self
    }

    /// Takes the chain from its server, whose own handler then answers alone. Requests under way go on.
    @discardableResult
    public func detach() -> HandlerChain {
        let server = state.withLock { state in
            defer { state.server = nil }
            return state.server
        }
        server?.detach(self)
        return self
    }

    private func forget(_ server: HTTPServer) {
        state.withLock { if $0.server === server { $0.server = nil } }
    }
}
