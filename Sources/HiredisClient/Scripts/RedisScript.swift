/// A Lua script and the name by which Redis caches it.
package struct RedisScript: Sendable {
    package let source: String
    /// SHA-1 of the source in hexadecimal, computed once.
    package let digest: String

    package init(_ source: String) {
        self.source = source
        digest = SHA1.hexDigest(source.utf8)
    }
}
