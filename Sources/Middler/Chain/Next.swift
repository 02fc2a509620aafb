import HTTPTypes
import Synchronization

/// The rest of a chain: what follows the handler that was given it.
public struct Next: Sendable {
    private let entries: [ChainEntry]
    private let index: Int
    private let outer: OuterChain?
    /// What the chain itself was matched by. Each handler sees this and what it was matched by, not what others were.
    private let parameters: PathParameters
    private let mountLength: Int

    init(entries: [ChainEntry], outer: OuterChain?, _ request: Request) {
        self.entries = entries
        self.index = 0
        self.outer = outer
        self.parameters = request.parameters
        self.mountLength = request.mountLength
    }

    private init(_ next: Next, index: Int) {
        self.entries = next.entries
        self.index = index
        self.outer = next.outer
        self.parameters = next.parameters
        self.mountLength = next.mountLength
    }

    private init() {
        entries = []
        index = 0
        outer = nil
        parameters = PathParameters()
        mountLength = 0
    }

    /// Followed by nothing: answers 404.
    public static let none = Next()

    /// Runs the next handler that the request matches. After the last one, the chain around this one goes on; after
    /// that, the answer is 404.
    public func callAsFunction(_ request: Request) async throws -> Response {
        var request = request
        request.parameters = parameters
        request.mountLength = mountLength
        var index = index
        while index < entries.count {
            let entry = entries[index]
            index += 1
            if let matched = try entry.match(request) {
                return try await entry.handler.handle(matched, next: Next(self, index: index))
            }
        }
        guard let outer else { return .text("Not Found", status: .notFound) }
        return try await outer(request)
    }
}

/// The chain around an embedded one.
final class OuterChain: Sendable {
    private let next: Next
    private let failed = Atomic(false)

    init(_ next: Next) { self.next = next }

    /// Whether an error came from the outer chain. It isn't for the inner chain's `onError`.
    var didFail: Bool { failed.load(ordering: .relaxed) }

    func callAsFunction(_ request: Request) async throws -> Response {
        do {
            return try await next(request)
        } catch {
            failed.store(true, ordering: .relaxed)
            throw error
        }
    }
}
