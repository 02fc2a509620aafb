/// The members of a JSON object with their values undecoded: for a request's body that sets many fields, or a
/// response that shows them.
public struct JSONMembers: Sendable {
    /// A member's name and value.
    public typealias Element = (name: String, value: EncodedJSON)

    private var members: [Element]

    /// Takes members. Of two with one name the last counts, at the place of the first.
    public init(_ members: [Element] = []) {
        var positions: [ByteName: Int] = [:]
        var distinct: [Element] = []
        distinct.reserveCapacity(members.count)
        for (name, value) in members { distinct.set(name, to: value, positions: &positions) }
        self.members = distinct
    }

    /// Reads an object, checking its values but keeping their bytes. Of two members with one name the last counts,
    /// at the place of the first, at every depth; see ``EncodedJSON/init(validating:limits:)``.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the offset of the byte that is wrong, or where the text is no
    ///   object; ``ModelError/Code/tooLarge``.
    @inlinable
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws(ModelError) {
        try self.init(parsingSlice: bytes.asSlice, limits: limits)
    }

    @usableFromInline
    init(parsingSlice all: ArraySlice<UInt8>, limits: JSONLimits) throws(ModelError) {
        var members: [Element] = []
        var positions: [ByteName: Int] = [:]
        try JSONScanner.scan(all, limits: limits) { (scanner) throws(ModelError) in
            try scanner.skipMembers(depth: 0) { (scanner, token) throws(ModelError) in
                let value = try scanner.takeEncoded(from: all, depth: 1)
                members.set(try scanner.text(of: token), to: value, positions: &positions)
            }
        }
        self.members = members
    }

    /// The object of these members, each value with its own bytes.
    public func encoded() -> EncodedJSON {
        var writer = JSONWriter()
        writer.write(raw: UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { writer.write(raw: UInt8(ascii: ",")) }
            writer.write(member.name)
            writer.write(raw: UInt8(ascii: ":"))
            writer.write(raw: member.value.bytes)
        }
        writer.write(raw: UInt8(ascii: "}"))
        return EncodedJSON(unchecked: writer.bytes[...])
    }

    /// The value of a member, or `nil`. Setting replaces or appends; setting `nil` removes. Lookup is linear.
    public subscript(name: String) -> EncodedJSON? {
        get { members.first { $0.name.hasSameBytes(as: name) }?.value }
        set {
            let position = members.firstIndex { $0.name.hasSameBytes(as: name) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): members.append((name, value))
            case (let position?, nil): members.remove(at: position)
            case (nil, nil): break
            }
        }
    }
}

extension [JSONMembers.Element] {
    /// Sets a member in its place or appends it; `positions` are those of the members so far.
    fileprivate mutating func set(_ name: String, to value: EncodedJSON, positions: inout [ByteName: Int]) {
        let key = ByteName(name)
        if let position = positions[key] {
            self[position].value = value
        } else {
            positions[key] = count
            append((name, value))
        }
    }
}

extension JSONMembers: RandomAccessCollection {
    public var startIndex: Int { members.startIndex }
    public var endIndex: Int { members.endIndex }
    public subscript(position: Int) -> Element { members[position] }
}
