import Synchronization

/// Who answers a server's requests: the chain that is attached to it, then the handler it was made with.
final class ServerHandlers: Sendable {
    private let own: (any Handler)?
    private let chain = Mutex<HandlerChain?>(nil)

    init(_ own: (any Handler)?) { self.own = own }

    func answer(_ request: Request) async throws -> Response {
        let chain = chain.withLock { $0 }
        if let chain {
            let next = own.map { Next(entries: [ChainEntry(handler: $0)], outer: nil, request) } ?? .none
            return try await chain.handle(request, next: next)
        }
        guard let own else { return try await Next.none(request) }
        return try await own.handle(request, next: .none)
    }

    /// The attached chain; an empty one is attached if there is none.
    func attachedChain(_ make: () -> HandlerChain) -> HandlerChain {
        chain.withLock { chain in
            if let chain { return chain }
            let new = make()
            chain = new
            return new
        }
    }

    /// Attaches a chain; gives the one that was attached before.
    func attach(_ new: HandlerChain) -> HandlerChain? {
        chain.withLock { chain in
            defer { chain = new }
            return chain
        }
    }

    func detach(_ old: HandlerChain) {
        chain.withLock { if $0 === old { $0 = nil } }
    }
}
