import RedisTestServer

/// The stores that behaviours are tested over.
public enum StoreKind: String, Sendable, CaseIterable {
    case memory
    case sqlite
    case redis

    /// What the keys of these tests begin with in Redis.
    public static let prefix = "behaviour-7:"
}
