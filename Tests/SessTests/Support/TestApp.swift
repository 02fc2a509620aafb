import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}

/// A manager over memory with a clock of its own, and a client that keeps its cookie.
struct TestApp: Sendable {
    let clock = TestClock()
    let sessions: MemoryCollection
    let manager: SessionManager

    init(_ configure: (inout SessionOptions) throws -> Void = { _ in }) throws {
        try self.init(over: { $0 }, configure)
    }

    init(
        over wrap: (MemoryCollection) -> any ModelCollection,
        _ configure: (inout SessionOptions) throws -> Void = { _ in }
    ) throws {
        let clock = self.clock
        var options = SessionOptions()
        try configure(&options)
        sessions = MemoryCollection(name: "sessions", now: { clock.now })
        manager = try SessionManager(sessions: wrap(sessions), options: options, clock: { clock.now })
    }

    func request(cookie: String? = nil) -> SessionRequest {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        return SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: "127.0.0.1")
    }

    /// Runs a request of a client, and keeps what its response says of the cookie.
    @discardableResult
    func visit<Result>(
        _ client: TestClient,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        let session = try await manager.begin(request(cookie: client.cookie))
        let result = try await body(session)
        var fields = HTTPFields()
        try await manager.finish(session, headerFields: &fields)
        client.receive(fields)
        return result
    }
}

/// A client that keeps one cookie, as a browser does.
final class TestClient: Sendable {
    private struct State {
        var cookie: String?
        var responses: [HTTPFields] = []
    }
    private let state = Mutex(State())

    var cookie: String? { state.withLock { $0.cookie } }

    /// The header fields of the last response.
    var last: HTTPFields { state.withLock { $0.responses.last ?? [:] } }

    init(cookie: String? = nil) {
        state.withLock { $0.cookie = cookie }
    }

    func receive(_ fields: HTTPFields) {
        state.withLock { state in
            state.responses.append(fields)
            for value in fields[values: .setCookie] {
                let pair = value.prefix { $0 != ";" }
                state.cookie = value.contains("Max-Age=0") ? nil : String(pair)
            }
        }
    }
}
