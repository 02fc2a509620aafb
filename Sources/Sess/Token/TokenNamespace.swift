/// The namespace that a token is valid in: one of another is none here, also where both are kept in one store.
///
/// It costs no request anything: the digest that a record holds is of the token's secret and the namespace together.
struct TokenNamespace: Sendable, Equatable {
    /// The bytes that digests cover beside a secret: the namespace's name.
    let bytes: [UInt8]

    init(_ name: String) {
        bytes = Array(name.utf8)
    }

    /// The one of a manager's options. A cookie's name has no `/`, so that no two cookies have one namespace.
    init(_ options: SessionOptions) {
        let cookie = options.cookie
        self.init(options.tokens.namespace ?? (cookie.path == "/" ? cookie.name : cookie.name + cookie.path))
    }

    var name: String { String(decoding: bytes, as: UTF8.self) }
}
