/// What a token is good for: one of a scope is none in another, also where both are kept in one store.
///
/// It costs no request anything: the digest that a record holds is of the token's secret and the scope together.
struct TokenScope: Sendable, Equatable {
    /// What digests are made of, beside a secret: the scope's name.
    let bytes: [UInt8]

    init(_ name: String) {
        bytes = Array(name.utf8)
    }

    /// The one of a manager's options. A cookie's name has no `/`, so that no two cookies have one scope.
    init(_ options: SessionOptions) {
        let cookie = options.cookie
        self.init(options.systemName ?? (cookie.path == "/" ? cookie.name : cookie.name + cookie.path))
    }

    var name: String { String(decoding: bytes, as: UTF8.self) }
}
