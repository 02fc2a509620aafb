/// What serves HTTP beneath the sessions: the adapters that behaviours are tested over.
public enum AdapterKind: String, Sendable, CaseIterable {
    case hummingbird
    case middler
}
