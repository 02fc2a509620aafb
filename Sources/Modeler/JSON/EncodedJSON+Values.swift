extension EncodedJSON {
    /// `null`.
    public static let null = EncodedJSON(unchecked: ArraySlice("null".utf8))

    /// Checks that bytes are one JSON value and keeps those very bytes, without the white space around them.
    ///
    /// Of two members of an object with one name the last counts, at the place of the first, as in JavaScript. A value
    /// with such members, at whatever depth, is written anew without the others, so that every reader sees the same
    /// one.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the offset of the byte that is wrong, or
    ///   ``ModelError/Code/tooLarge``.
    @inlinable
    public init(validating bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws(ModelError) {
        try self.init(validatingSlice: bytes.asSlice, limits: limits)
    }

    @usableFromInline
    init(validatingSlice bytes: ArraySlice<UInt8>, limits: JSONLimits) throws(ModelError) {
        self = try JSONScanner.scan(bytes, limits: limits) { (scanner) throws(ModelError) in
            try scanner.takeEncoded(from: bytes)
        }
    }

    /// Writes a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value has no JSON form, such as a number that isn't finite.
    public init(_ value: JSONValue) throws(ModelError) {
        var writer = JSONWriter()
        try writer.write(value)
        self.init(unchecked: writer.bytes[...])
    }

    /// Writes a value, with `null` in place of each number that isn't finite and of what is nested too deep.
    init(replacingInvalidIn value: JSONValue) {
        var writer = JSONWriter(replacesInvalid: true)
        do {
            try writer.write(value)
            self.init(unchecked: writer.bytes[...])
        } catch {
            // Nothing is left to refuse.
            self = .null
        }
    }

    /// The value, decoded.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON``, which only bytes that were never checked can cause.
    public func value() throws(ModelError) -> JSONValue {
        try JSONValue(parsing: bytes, limits: .stored)
    }

    /// The bytes in memory of their own, so that keeping a small value doesn't keep the large text it was cut from.
    public var detached: EncodedJSON {
        EncodedJSON(unchecked: ArraySlice(Array(bytes)))
    }
}

extension JSONScanner {
    /// Takes one value as its own bytes, which are those of `text`; written anew where members have one name.
    mutating func takeEncoded(from text: ArraySlice<UInt8>, depth: Int = 0) throws(ModelError) -> EncodedJSON {
        let start = position
        hasDuplicates = false
        try skipValue(depth: depth)
        guard hasDuplicates else {
            return EncodedJSON(unchecked: text[(text.startIndex + start)..<(text.startIndex + position)])
        }
        position = start
        return try EncodedJSON(takeValue(depth: depth))
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
