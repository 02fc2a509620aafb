import Synchronization

/// Sends requests to servers on the loopback address over connections that it keeps, and remembers the secret of
/// every session cookie that a server ever sent.
public final class TestHTTPClient: Sendable {
    private let idle = Mutex<[Int: [HTTPConnection]]>([:])
    private let issued = Mutex<Set<String>>([])

    public init() {}

    /// The secret part of every session cookie that was sent.
    public var issuedSecrets: Set<String> { issued.withLock { $0 } }

    /// Sends a request on a connection that no other request uses meanwhile.
    public func send(
        _ request: TestRequest,
        to port: Int,
        keepsConnection: Bool = true,
        within limit: Duration = .seconds(30)
    ) async throws -> TestResponse {
        let connection = try await takeIdle(port: port)
        let response: TestResponse
        do {
            response = try await connection.send(request, within: limit)
        } catch {
            await connection.close()
            throw error
        }
        for cookie in response.setCookies { remember(cookie) }
        if keepsConnection, response["Connection"].first?.lowercased() != "close" {
            idle.withLock { $0[port, default: []].append(connection) }
        } else {
            await connection.close()
        }
        return response
    }

    /// Closes the connections that no request uses now.
    public func closeIdle() async {
        let connections = idle.withLock { idle in
            defer { idle = [:] }
            return idle.values.flatMap { $0 }
        }
        for connection in connections { await connection.close() }
    }

    private func takeIdle(port: Int) async throws -> HTTPConnection {
        while let connection = idle.withLock({ $0[port]?.popLast() }) {
            if connection.isOpen { return connection }
        }
        return try await HTTPConnection.connect(port: port)
    }

    private func remember(_ setCookie: String) {
        guard let pair = setCookie.split(separator: ";").first, let equals = pair.firstIndex(of: "=") else { return }
        let parts = pair[pair.index(after: equals)...].split(separator: ".")
        guard parts.count == 3, parts[0] == "v1" else { return }
        issued.withLock { _ = $0.insert(String(parts[2])) }
    }
}
