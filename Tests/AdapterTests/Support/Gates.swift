import SessTestSupport
import Synchronization

/// Holds requests up, each at a place that it names, until a test lets them go on. Every wait ends after 15 seconds.
final class Gates: Sendable {
    struct TooLong: Error, CustomStringConvertible { let description: String }

    private let state = Mutex<(held: [String: Int], opened: [String: Int])>(([:], [:]))

    /// Holds the caller up until ``open(_:)`` was called for the place, once for each who comes.
    func pass(_ place: String) async throws {
        state.withLock { $0.held[place, default: 0] += 1 }
        try await wait("nobody opened \(place)") {
            state.withLock { state in
                guard let count = state.opened[place], count > 0 else { return false }
                state.opened[place] = count - 1
                state.held[place, default: 0] -= 1
                return true
            }
        }
    }

    /// Waits until somebody is held up at each of the places.
    func waitForOne(at places: String..., within limit: Duration = .seconds(15)) async throws {
        for place in places {
            try await wait("nobody came to \(place)", limit) { state.withLock { $0.held[place, default: 0] > 0 } }
        }
    }

    /// Lets one who is held up at a place go on, or the next one who comes.
    func open(_ place: String) {
        state.withLock { $0.opened[place, default: 0] += 1 }
    }

    /// Forgets what was opened for somebody who never came.
    func close() {
        state.withLock { $0.opened = [:] }
    }

    private func wait(
        _ failure: String, _ limit: Duration = .seconds(15), until condition: () -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while !condition() {
            guard ContinuousClock.now < end else { throw TooLong(description: failure) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

extension Browser {
    /// Sends a request whose handler stops at a place of the same name as the last part of its path, runs `body` while
    /// it does, and then lets it go on.
    func post(
        _ path: String, to port: Int? = nil, held gates: Gates, while body: () async throws -> Void
    ) async throws -> TestResponse {
        let place = path.split(separator: "/").last.map(String.init) ?? path
        async let response = post(path, to: port)
        try await gates.waitForOne(at: place)
        try await body()
        gates.open(place)
        return try await response
    }
}
