public import HTTPTypes

/// What a handler is added for: methods, virtual hosts, paths, and its weight.
///
/// ```swift
/// chain.add(.get, "/posts/:id") { … }             // a method and a path
/// chain.add([.get, .post], ["/", "/home"]) { … }  // one of these methods, and one of these paths
/// chain.add("*.mydomain.com", "/posts") { … }     // a virtual host: a text that doesn't begin with a slash
/// chain.add(500) { … }                            // a weight
/// ```
///
/// Filters of one kind are alternatives; a request has to satisfy every kind that there is.
public struct RouteFilter: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral
{
    var methods: [HTTPRequest.Method] = []
    var hosts: [String] = []
    var paths: [PathPattern] = []
    var weight: Int?

    public static let get = RouteFilter.method(.get)
    public static let post = RouteFilter.method(.post)
    public static let put = RouteFilter.method(.put)
    public static let patch = RouteFilter.method(.patch)
    public static let delete = RouteFilter.method(.delete)
    /// HEAD alone. What is added for GET answers it too.
    public static let head = RouteFilter.method(.head)
    public static let options = RouteFilter.method(.options)

    /// A method.
    public static func method(_ method: HTTPRequest.Method) -> RouteFilter { RouteFilter(methods: [method]) }

    /// A virtual host, such as `localhost` or `*.mydomain.com`: `*` stands for any characters, letters match in both
    /// cases, and a request's port counts only where this has one.
    public static func host(_ host: String) -> RouteFilter { RouteFilter(hosts: [host]) }

    /// A path.
    public static func path(_ path: PathPattern) -> RouteFilter { RouteFilter(paths: [path]) }

    /// Paths that a regular expression matches, anywhere in them. Its captures become parameters. See
    /// `PathPattern.regex`.
    public static func regex<Output>(_ regex: @autoclosure @escaping @Sendable () -> Regex<Output>) -> RouteFilter {
        .path(.regex(regex()))
    }

    /// The same for an expression that is known only when the program runs.
    ///
    /// - Throws: What `Regex` throws for a text that is no regular expression.
    public static func regex(_ text: String) throws -> RouteFilter { .path(try .regex(text)) }

    /// The place in the chain: the lightest run first, those of the same weight in the order they were added. 0 unless
    /// said otherwise.
    public static func weight(_ weight: Int) -> RouteFilter { RouteFilter(weight: weight) }

    private init(
        methods: [HTTPRequest.Method] = [], hosts: [String] = [], paths: [PathPattern] = [], weight: Int? = nil
    ) {
        self.methods = methods
        self.hosts = hosts
        self.paths = paths
        self.weight = weight
    }

    /// All of these.
    public init(_ filters: [RouteFilter]) {
        for filter in filters {
            methods += filter.methods
            hosts += filter.hosts
            paths += filter.paths
            weight = filter.weight ?? weight
        }
    }

    public init(arrayLiteral filters: RouteFilter...) { self.init(filters) }
    public init(integerLiteral weight: Int) { self.init(weight: weight) }

    /// A path where the text begins with a slash, otherwise a virtual host.
    public init(stringLiteral text: String) {
        self = text.utf8.first == UInt8(ascii: "/") ? .path(PathPattern(text)) : .host(text)
    }
}
