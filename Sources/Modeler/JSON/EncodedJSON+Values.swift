extension EncodedJSON {
    /// `null`.
    public static let null = EncodedJSON(unchecked: ArraySlice("null".utf8))

    /// Checks that bytes are one JSON value and keeps those very bytes, without the white space around them.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the offset of the byte that is wrong, or
    ///   ``ModelError/Code/tooLarge``.
    @inlinable
    public init(validating bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws(ModelError) {
        try self.init(validatingSlice: bytes.asSlice, limits: limits)
    }

    @usableFromInline
    init(validatingSlice bytes: ArraySlice<UInt8>, limits: JSONLimits) throws(ModelError) {
        let range = try JSONScanner.scan(bytes, limits: limits) { (scanner) throws(ModelError) in
            let start = scanner.position
            try scanner.skipValue()
            return start..<scanner.position
        }
        self.init(unchecked: bytes.dropFirst(range.lowerBound).prefix(range.count))
    }

    /// Writes a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value has no JSON form, such as a number that isn't finite.
    public init(_ value: JSONValue) throws(ModelError) {
        var writer = JSONWriter()
        try writer.write(value)
        self.init(unchecked: writer.bytes[...])
    }

    /// The value, decoded.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON``, which only bytes that were never checked can cause.
    public func value() throws(ModelError) -> JSONValue {
        try JSONValue(parsing: bytes, limits: .stored)
    }

    /// The bytes in memory of their own, so that keeping a small value doesn't keep the large text it was cut from.
    package var detached: EncodedJSON {
        EncodedJSON(unchecked: ArraySlice(Array(bytes)))
    }
}

/// Under a coder other than ``EncodedJSON/init(encoding:)`` and ``EncodedJSON/decode(_:)`` the value is kept, but not
/// its very bytes.
extension EncodedJSON: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(JSONValue(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        try value().encode(to: encoder)
    }
}
