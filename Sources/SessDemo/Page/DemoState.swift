import Foundation
import HTTPTypes
import Modeler
import NIOCore
import Sess

/// A session as the page shows it. Durations are in seconds.
struct DemoState: Encodable {
    struct Device: Encodable {
        var id: String
        var name: String
        var lastSeen: Double
        var isCurrent: Bool
    }

    var node: String
    var hasPeer: Bool
    /// `nil` for a request that takes no part in sessions.
    var id: String?
    var user: String?
    var age: Double
    var idleTimeout: Double?
    var idleRemaining: Double?
    var absoluteTimeout: Double?
    var absoluteRemaining: Double?
    var exact: Int
    var naive: Int
    var fields: JSONObject
    var devices: [Device] = []

    init(_ session: Session, node: String, peer: PeerNode?, manager: SessionManager) async throws {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        self.node = node
        hasPeer = peer != nil
        id = session.isDetached ? nil : session.id.rawValue
        user = session.userID
        age = Self.seconds(from: session.created, to: now)
        let timeouts = session.timeouts
        idleTimeout = timeouts.idle?.seconds
        absoluteTimeout = timeouts.absolute?.seconds
        absoluteRemaining = absoluteTimeout.map { max(0, $0 - Self.seconds(from: session.created, to: now)) }
        // Of both deadlines the session has the nearer one.
        idleRemaining = idleTimeout.map { idle in min(idle, session.remaining?.seconds ?? idle) }
        exact = session["exact", default: 0]
        naive = session["naive", default: 0]
        fields = session.data
        guard let user else { return }
        devices = try await manager.sessions(of: user).map { other in
            Device(
                id: other.id.rawValue, name: other.device?.browserName ?? "unknown",
                lastSeen: Self.seconds(from: other.lastSeen, to: now), isCurrent: other.isCurrent(in: session))
        }
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
        max(0, Double(end.milliseconds - start.milliseconds) / 1000)
    }
}

extension SessionDevice {
    /// A short name of the program, where it is one of the usual ones.
    fileprivate var browserName: String {
        guard let userAgent else { return "no user agent" }
        let browser = ["Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"]
        let names = ["Edg", "OPR", "Firefox", "Chrome", "Safari"]
        let system = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux"].first { userAgent.contains($0) }
        guard let found = names.first(where: { userAgent.contains("\($0)/") }), let name = browser[found] else {
            return String(userAgent.prefix(40))
        }
        return system.map { "\(name) on \($0)" } ?? name
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension DemoResponse {
    static func json(_ value: some Encodable) -> DemoResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Numbers, texts and JSON values always have a JSON form.
        let bytes = (try? encoder.encode(value)) ?? Data()
        return DemoResponse(
            headerFields: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ByteBuffer(bytes: bytes))
    }

    /// A file that never changes while the program runs.
    static func file(_ text: String, type: String) -> DemoResponse {
        DemoResponse(
            headerFields: [
                .contentType: "\(type); charset=utf-8", .cacheControl: "max-age=60", .xContentTypeOptions: "nosniff",
            ],
            body: ByteBuffer(string: text))
    }
}
