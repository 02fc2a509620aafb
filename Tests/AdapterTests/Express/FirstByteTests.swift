import HTTPTypes
import Modeler
import NIOCore
import Sess
import SessTestSupport
import SessTesting
import Testing

/// When a response leaves.
@Suite("The first byte of a response")
struct FirstByteTests {
    private static let shapes = ["empty", "plain", "streamed", "large"]

    private static func request(_ path: String, _ fields: [String] = []) -> [UInt8] {
        Array((["GET \(path) HTTP/1.1", "Host: a"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
    }

    private static func addRoutes(_ app: AppRoutes) {
        func write(_ path: String, _ response: AppResponse) {
            app.get(path) { request in
                request.session["n", default: 0] += 1
                return response
            }
        }
        write("/empty", AppResponse(.noContent))
        write("/plain", "plain".answer)
        write("/streamed", AppResponse(body: .stream(["first", ""], pause: .milliseconds(50))))
        write("/large", AppResponse(body: .bytes(ByteBuffer(repeating: 0x61, count: 4 << 20))))
        write("/changed", AppResponse(.switchingProtocols))
    }

    /// The id in the session cookie that a response sets.
    private static func id(in response: [UInt8]) throws -> ModelID {
        let text = String(decoding: response, as: UTF8.self)
        let token = try #require(text.firstRange(of: "=v1."))
        return try ModelID(String(text[token.upperBound...].prefix { $0 != "." }))
    }

    @Test(
        "E4 The session is stored before the first byte leaves, of an empty, a streamed and a large response",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func storedFirst(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, routes: Self.addRoutes) { served in
            served.slowWrites(.milliseconds(60))
            for shape in Self.shapes {
                let new = try await RawSocket.exchange(port: served.port, Self.request("/\(shape)")) { !$0.isEmpty }
                let id = try Self.id(in: new)
                let stored = try await served.store.sessions.fetch(id)
                #expect(stored?.fields["n"]?.value.bytes == Array("1".utf8)[...], "\(shape)")
                let text = String(decoding: new, as: UTF8.self)
                let token = try #require(text.firstRange(of: "sess=v1."))
                let cookie = text[token.lowerBound...].prefix { $0 != ";" }
                let again = try await RawSocket.exchange(
                    port: served.port, Self.request("/\(shape)", ["Cookie: \(cookie)"])
                ) { !$0.isEmpty }
                #expect(again.starts(with: "HTTP/1.1 20".utf8))
                let changed = try await served.store.sessions.fetch(id)
                #expect(changed?.fields["n"]?.value.bytes == Array("2".utf8)[...], "\(shape), changed")
            }
        }
    }

    @Test(
        "E4 A connection changes its protocol, or is declined, with its session stored before the first byte",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func otherProtocol(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, changesProtocol: true, routes: Self.addRoutes) { served in
            served.slowWrites(.milliseconds(60))
            let changes = adapter == .hummingbird
            let request = Self.request(
                changes ? "/changed" : "/plain", ["Connection: Upgrade", "Upgrade: \(AppProtocol.name)"])
            let first = try await RawSocket.exchange(port: served.port, request) { !$0.isEmpty }
            #expect(first.starts(with: (changes ? "HTTP/1.1 101 " : "HTTP/1.1 200 ").utf8))
            #expect(try await served.store.sessions.fetch(Self.id(in: first)) != nil)
            let whole = try await RawSocket.exchange(port: served.port, request)
            let end = String(decoding: whole, as: UTF8.self).split(separator: "\r\n\r\n").last
            #expect(end == (changes ? AppProtocol.greeting[...] : "plain"))
            try await served.failing([.insert]) {
                let refused = try await RawSocket.exchange(port: served.port, request)
                #expect(!refused.starts(with: "HTTP/1.1 101".utf8) && !refused.starts(with: "HTTP/1.1 200".utf8))
                #expect(String(decoding: refused, as: UTF8.self).firstRange(of: "=v1.") == nil)
            }
        }
    }
}
