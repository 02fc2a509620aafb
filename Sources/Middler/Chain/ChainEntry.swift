import HTTPTypes

/// A handler of a chain, and the requests that it is for.
struct ChainEntry: Sendable {
    var methods = Methods([])
    var hosts = Hosts([])
    var paths = Paths([])
    var weight = 0
    var handler: any Handler

    /// The request as the handler gets it; `nil` for one that isn't for it.
    ///
    /// - Throws: ``HTTPError`` with 400 where a parameter isn't validly percent-encoded.
    func match(_ request: Request) throws -> Request? {
        guard methods.contains(request.method), hosts.contains(request.authority) else { return nil }
        return try paths.match(request)
    }

    func isFor(_ other: any Handler) -> Bool {
        guard let own = handler as? any AnyObject & Handler, let other = other as? any AnyObject & Handler else {
            return false
        }
        return own === other
    }
}
