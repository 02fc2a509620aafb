import FoundationEssentials
import Modeler

/// A session as connect-redis stores it: a JSON object whose member `cookie` is Express's own.
struct ExpressRecord: NodeRecord {
    /// All members but `cookie`.
    var members: JSONMembers
    private let cookie: JSONMembers

    /// Names that a session object of Express has itself, so that members of theirs are lost there.
    private static let reservedNames: Set<String> = [
        "cookie", "id", "req", "save", "touch", "reload", "destroy", "regenerate", "resetMaxAge", "__proto__",
    ]

    init(_ bytes: ArraySlice<UInt8>, id: String) throws(NodeSessionError) {
        do {
            var members = try JSONMembers(parsing: bytes)
            guard let cookie = members["cookie"] else { throw ModelError(.invalidJSON, "it has no cookie") }
            self.cookie = try JSONMembers(parsing: cookie.bytes)
            members["cookie"] = nil
            self.members = members
        } catch {
            throw NodeSessionError(.unreadable, "the value is no JSON object with an object 'cookie' in it")
        }
    }

    /// The milliseconds of `originalMaxAge`; `nil` for a cookie that ends with the browser.
    private var maximumAge: Double? {
        guard let value = try? cookie["originalMaxAge"]?.value().double, value.isFinite else { return nil }
        return min(max(value, 1), 31_556_952_000_000)
    }

    /// The seconds that Redis is to keep the record from now on, as connect-redis computes them.
    func lifetime(default seconds: Int) -> Int {
        maximumAge.map { Int(($0 / 1000).rounded(.up)) } ?? seconds
    }

    /// The bytes to store, with the cookie's expiry moved as Express moves it at each save. All else that Node wrote
    /// keeps its own bytes.
    func encoded(now: Date) throws(NodeSessionError) -> ArraySlice<UInt8> {
        for (name, _) in members where Self.reservedNames.contains(name) {
            throw NodeSessionError(.reservedName, "a session of Express can't have a member '\(name)'")
        }
        var cookie = cookie
        if let maximumAge {
            let end = now.addingTimeInterval(maximumAge / 1000)
            let text = end.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            cookie["expires"] = EncodedJSON(unchecked: Array("\"\(text)\"".utf8)[...])
        }
        return JSONMembers([("cookie", cookie.encoded())] + members.map { ($0.name, $0.value) }).encoded().bytes
    }
}
