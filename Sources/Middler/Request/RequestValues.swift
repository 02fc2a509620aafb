/// Names a value that handlers attach to requests.
///
/// ```swift
/// enum UserKey: RequestKey { typealias Value = User }
///
/// extension Request {
///     var user: User? { self[UserKey.self] }
/// }
/// ```
public protocol RequestKey {
    associatedtype Value: Sendable
}

/// The values of one request. Most requests have one or none, which costs no collection.
struct RequestValues: Sendable {
    private var first: (key: ObjectIdentifier, value: any Sendable)?
    private var others: [ObjectIdentifier: any Sendable] = [:]
    var responseChanges: [@Sendable (inout Response) -> Void] = []

    subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get {
            let key = ObjectIdentifier(key)
            if let first, first.key == key { return first.value as? Key.Value }
            return others.isEmpty ? nil : others[key] as? Key.Value
        }
        set {
            let key = ObjectIdentifier(key)
            // A key that has a place keeps it: in a second one its older value would come to light again.
            if first?.key == key || (first == nil && others[key] == nil) {
                first = newValue.map { (key, $0) }
            } else {
                others[key] = newValue
            }
        }
    }
}
