import HTTPTypes

/// The methods that a handler is for.
struct Methods: Sendable {
    private let methods: [HTTPRequest.Method]

    /// These methods; every one where there are none.
    init(_ methods: [HTTPRequest.Method]) { self.methods = methods }

    /// HEAD is answered by what answers GET (RFC 9110 §9.3.2).
    func contains(_ method: HTTPRequest.Method) -> Bool {
        methods.isEmpty || methods.contains(method) || method == .head && methods.contains(.get)
    }
}
