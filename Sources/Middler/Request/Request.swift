public import HTTPTypes
public import NIOCore
import Synchronization

/// A request on its way through a chain.
///
/// Copies share the body and the values that handlers attach with ``subscript(_:)``; parameters and the mount point are
/// each handler's own.
public struct Request: Sendable {
    let core: RequestCore

    /// What the pattern that the handler was added for left open.
    public var parameters = PathParameters()

    /// How many bytes of the path belong to the mount points above.
    var mountLength = 0

    /// A request.
    ///
    /// - Parameters:
    ///   - head: Method, target and header fields.
    ///   - body: The body.
    ///   - remoteAddress: The address of the connection's other end.
    public init(head: HTTPRequest, body: RequestBody = .none, remoteAddress: SocketAddress? = nil) {
        core = RequestCore(head: head, body: body, remoteAddress: remoteAddress)
    }

    /// Method, target and header fields, as they were received.
    public var head: HTTPRequest { core.head }

    public var method: HTTPRequest.Method { core.head.method }
    public var headerFields: HTTPFields { core.head.headerFields }

    /// The host that the request is for, and the port if one was given.
    public var authority: String? { core.head.authority }

    /// The body, to be read once.
    public var body: RequestBody { core.body }

    /// The address of the connection's other end.
    public var remoteAddress: SocketAddress? { core.remoteAddress }

    /// The path without a query, below the mount point, as it was sent. It begins with a slash but for `OPTIONS *`.
    public var path: String {
        mountLength == 0 ? fullPath : String(decoding: pathBytes, as: UTF8.self)
    }

    /// The whole path without a query, as it was sent.
    public var fullPath: String { String(decoding: core.pathBytes, as: UTF8.self) }

    /// The parameters of the target's query.
    public var query: FormParameters { FormParameters(parsing: core.query) }

    /// A value that handlers attached to the request, shared by all copies of it.
    public subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get { core.values.withLock { $0[key] } }
        nonmutating set { core.values.withLock { $0[key] = newValue } }
    }

    /// Changes the response before its head leaves, wherever it comes from: also the one that tells of an error. Called
    /// once, after all handlers.
    public func onResponse(_ change: @escaping @Sendable (inout Response) -> Void) {
        core.values.withLock { $0.responseChanges.append(change) }
    }

    var pathBytes: ArraySlice<UInt8> {
        guard mountLength > 0 else { return core.pathBytes[...] }
        let rest = core.pathBytes.dropFirst(mountLength)
        return rest.isEmpty ? Self.root : rest
    }

    private static let root: ArraySlice<UInt8> = [UInt8(ascii: "/")]
}
