/// A typed field of a session: its name, its value's type and the value where nothing is stored.
///
/// ```swift
/// enum CartKey: SessionKey {
///     static let name = "cart"
///     static let defaultValue = Cart()
/// }
/// session[CartKey.self].items.append("tea")
/// ```
public protocol SessionKey {
    /// What the field holds. Values are stored as JSON.
    associatedtype Value: Codable & Sendable

    /// The field's name in the store. Names that begin with `__` are the library's.
    static var name: String { get }

    /// What reading gives where nothing is stored.
    static var defaultValue: Value { get }

    /// What happens when another request has written the field meanwhile. ``ConflictPolicy/automatic`` unless stated.
    static var conflictPolicy: ConflictPolicy { get }
}

extension SessionKey {
    public static var conflictPolicy: ConflictPolicy { .automatic }
}
