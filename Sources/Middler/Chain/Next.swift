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
    private let error = Mutex<(any Error)?>(nil)

    init(_ next: Next) { self.next = next }

    /// Whether this very error came from the outer chain, the last time that one failed. It isn't for the inner chain's
    /// `onError`.
    func threw(_ error: any Error) -> Bool {
        self.error.withLock { last in last.map { Self.box($0) == Self.box(error) } ?? false }
    }

    /// Where an error lies. It stays there when it is caught and thrown again as `any Error`, and nothing else gets
    /// there while somebody has it. Two errors of one value lie in two places, as does one that was cast to its own
    /// type or went through a continuation.
    private static func box(_ error: any Error) -> UInt {
        // Alone it would be opened, and these would be the bytes of the error itself.
        withUnsafeBytes(of: Optional(error as any Error)) { $0.load(as: UInt.self) }
    }

    func callAsFunction(_ request: Request) async throws -> Response {
        do {
            return try await next(request)
        } catch {
            self.error.withLock { $0 = error }
            throw error
        }
    }
}
