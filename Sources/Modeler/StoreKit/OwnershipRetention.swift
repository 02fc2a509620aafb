/// How long a store keeps what no model of an owner needs any more.
public enum OwnershipRetention {
    /// Beyond the last deadline in the index: for requests under way.
    public static let afterLast: Duration = .seconds(3600)

    /// Of an epoch: no browser keeps a cookie for longer, so no session that carries an earlier epoch comes back.
    public static let ofEpoch: Duration = .seconds(400 * 86400)
}
