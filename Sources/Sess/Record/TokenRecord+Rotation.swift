import Modeler

extension TokenRecord {
    /// The record after a token has replaced another.
    ///
    /// - Parameters:
    ///   - former: What was stored before.
    ///   - now: The store's clock.
    ///   - grace: How long the former token is still accepted; with none it never is again, whatever a clock says.
    init(digest: [UInt8], replacing former: TokenRecord?, at now: Timestamp, grace: Duration) {
        let until = grace > .zero ? now + grace : Timestamp(milliseconds: 0)
        self.init(
            digest: digest,
            previous: former.map { Previous(digest: $0.digest, until: until, replaced: now) })
    }
}
