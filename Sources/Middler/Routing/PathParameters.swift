import HTTPTypes

/// The parts of a path that a pattern left open, percent-decoded.
public struct PathParameters: Sendable, Hashable {
    private var named: [Parameter] = []
    /// What the stars and the nameless captures stand for, in order.
    public private(set) var list: [String] = []

    private struct Parameter: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// None.
    public init() {}

    init(_ found: some Sequence<(Glob.Token, ArraySlice<UInt8>)>) throws {
        for (token, value) in found {
            if case .name(let name) = token { try append(name, value) } else { try append(nil, value) }
        }
    }

    /// The parameter of a name, as `id` for `/posts/:id`.
    public subscript(name: String) -> String? { named.first { $0.name == name }?.value }

    /// The parameter of a name that the route has.
    ///
    /// - Throws: ``HTTPError`` with 500 where the route has no such parameter.
    public func require(_ name: String) throws -> String {
        guard let value = self[name] else {
            throw HTTPError(.internalServerError, "The route has no parameter named '\(name)'.")
        }
        return value
    }

    mutating func append(_ name: String?, _ value: some Collection<UInt8>) throws {
        guard let text = PercentEncoding.decode(value) else {
            throw HTTPError(.badRequest, "The path is not validly percent-encoded UTF-8.")
        }
        if let name { named.append(Parameter(name: name, value: text)) } else { list.append(text) }
    }
}
