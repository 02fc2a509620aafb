/// One call on a session store, by what it asks for.
public enum StoreCall: String, Sendable, Hashable {
    case insert, fetch, commit, remove
    case ownership, reserve, confirm, renew, advance, condemn, withdraw
    case scan
}
