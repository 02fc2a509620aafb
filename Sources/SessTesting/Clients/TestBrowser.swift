public import HTTPTypes
import Modeler
import Synchronization

/// A client that keeps cookies as a browser does, and remembers what the responses said. Safe to use from any task.
public final class TestBrowser: Sendable {
    private struct State {
        var jar: CookieJar
        /// What is sent in place of the jar's cookies, until a response sets one.
        var header: String?
        var responses: [HTTPFields] = []
    }
    private let state: Mutex<State>

    /// A client without cookies.
    ///
    /// - Parameter jar: Where it keeps them.
    public init(jar: CookieJar = CookieJar()) {
        state = Mutex(State(jar: jar))
    }

    /// A client that sends a header of the test's choosing, valid or not, until a response sets a cookie.
    public init(cookie header: String?) {
        state = Mutex(State(jar: CookieJar(), header: header))
    }

    /// The `Cookie` header of a request to the site's root, without TLS.
    public var cookie: String? { cookie(path: "/") }

    /// The `Cookie` header of a request.
    public func cookie(path: String, isSecure: Bool = false) -> String? {
        state.withLock { $0.header ?? $0.jar.header(path: path, isSecure: isSecure) }
    }

    /// The cookies it has.
    public var cookies: CookieJar { state.withLock { $0.jar } }

    /// The header fields of the last response; empty where there was none.
    public var last: HTTPFields { state.withLock { $0.responses.last ?? [:] } }

    /// Takes over what a response says of cookies.
    public func receive(_ fields: HTTPFields, path: String = "/", isSecure: Bool = false) {
        state.withLock { state in
            state.responses.append(fields)
            let cookies = fields[values: .setCookie]
            guard !cookies.isEmpty else { return }
            state.header = nil
            state.jar.take(cookies, path: path, isSecure: isSecure)
        }
    }
}
