/// One call on a session store, by what it asks for.
public enum StoreCall: String, Sendable, Hashable {
    case insert, fetch, commit, touch, remove
    case ownership, reserve, confirm, renew, advance, condemn, withdraw
}
