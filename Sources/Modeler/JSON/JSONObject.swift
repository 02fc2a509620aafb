/// The members of a JSON object, in the order in which they were first set.
///
/// Names are compared by their UTF-8 bytes. Two objects are equal when they have equal members in whatever order.
public struct JSONObject: Sendable {
    /// A member's name and value.
    public typealias Element = (name: String, value: JSONValue)

    private var members: [Element] = []
    /// Positions by name, once a scan would cost more than hashing.
    private var positions: [ByteName: Int]?
    private static let scanLimit = 16

    /// An object without members.
    public init() {}

    /// An object of these members; of two with one name the last counts, at the place of the first.
    public init(_ members: some Sequence<Element>) {
        for (name, value) in members { self[name] = value }
    }

    /// The value of a member, or `nil`. Setting replaces it in its place or appends; setting `nil` removes.
    public subscript(name: String) -> JSONValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(name, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// The names of the members.
    public var names: [String] { members.map(\.name) }

    private func position(of name: String) -> Int? {
        guard let positions else { return members.firstIndex { $0.name.hasSameBytes(as: name) } }
        return positions[ByteName(name)]
    }

    private mutating func append(_ name: String, _ value: JSONValue) {
        members.append((name, value))
        if positions != nil {
            positions?[ByteName(name)] = members.count - 1
        } else if members.count > Self.scanLimit {
            indexPositions()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        if positions != nil { indexPositions() }
    }

    private mutating func indexPositions() {
        var positions: [ByteName: Int] = [:]
        positions.reserveCapacity(members.count)
        for (position, member) in members.enumerated() { positions[ByteName(member.name)] = position }
        self.positions = positions
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { members.startIndex }
    public var endIndex: Int { members.endIndex }
    public subscript(position: Int) -> Element { members[position] }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { (name: $0.0, value: $0.1) })
    }
}

extension JSONObject: Hashable {
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        lhs.count == rhs.count && lhs.allSatisfy { rhs[$0.name] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var inner = Hasher()
            inner.combine(ByteName(member.name))
            inner.combine(member.value)
            sum &+= inner.finalize()
        }
        hasher.combine(sum)
    }
}
