import HTTPTypes
import NIOCore
import Synchronization

/// What all copies of a request share.
final class RequestCore: Sendable {
    let head: HTTPRequest
    let body: RequestBody
    let remoteAddress: SocketAddress?
    /// The target's path.
    let pathBytes: [UInt8]
    let values = Mutex(RequestValues())

    init(head: HTTPRequest, body: RequestBody, remoteAddress: SocketAddress?) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        pathBytes = Array((head.path ?? "/").utf8.prefix { $0 != UInt8(ascii: "?") })
    }

    /// The target's query, without the question mark.
    var query: Substring.UTF8View {
        (head.path ?? "")[...].utf8.dropFirst(pathBytes.count + 1)
    }
}
