import HTTPTypes
import Middler
import Modeler
import NIOCore
import Sess

/// How a writer adds 1 to a field.
private enum Way: String {
    /// By an operation that the store applies.
    case exact
    /// As most session libraries do: read the session, change it, store it.
    case naive
}

extension DemoRoutes {
    /// Writers that add 1 to one field at once, in a way that counts all of them and in one that doesn't.
    var writers: [DemoRoute] {
        [
            DemoRoute(method: .post, path: "/writers") { request in
                guard let way = request.query["way"].flatMap(Way.init) else {
                    throw DemoRefusal(message: "way is exact or naive, as in ?way=exact.")
                }
                if request.query["via"] == "peer" {
                    guard let peer else { throw DemoRefusal(message: "This node knows no other: see --peer.") }
                    return try await peer.post("/writers?way=\(way.rawValue)", cookie: request.headerFields[.cookie])
                }
                return .text("\(try await add(way, request.session)) \(node)\n")
            },
            DemoRoute(method: .post, path: "/writers/reset") { request in
                request.session.unset(Way.exact.rawValue)
                request.session.unset(Way.naive.rawValue)
                return DemoForm.done("reset", request)
            },
        ]
    }

    private func add(_ way: Way, _ session: Session) async throws -> Int {
        switch way {
        case .exact: return try await session.increment(way.rawValue)
        case .naive:
            let count: Int = session[way.rawValue, default: 0]
            // What a handler does between: ask a database, say.
            try await Task.sleep(for: .milliseconds(20))
            session[way.rawValue] = count + 1
            return count + 1
        }
    }
}
