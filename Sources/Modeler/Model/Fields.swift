/// One field of a stored model.
public struct Field: Sendable, Hashable {
    /// The field's name: any text, compared by its UTF-8 bytes. Names that begin with `__` are save-only.
    public var name: String

    /// The field's value, undecoded.
    public var value: EncodedJSON

    /// The model's revision that wrote this value.
    public var revision: Revision

    /// Makes a field.
    public init(name: String, value: EncodedJSON, revision: Revision) {
        self.name = name
        self.value = value
        self.revision = revision
    }

    /// Whether a name is kept in the store and left out of a normal load.
    public static func isSaveOnly(_ name: String) -> Bool {
        let (bytes, mark) = (name.utf8, UInt8(ascii: "_"))
        return bytes.first == mark && bytes.dropFirst().first == mark
    }
}

/// The fields of a model. Lookup is linear: models have tens of fields, and a scan over them beats hashing.
public struct Fields: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    private(set) var elements: [Field]

    /// Takes fields whose names differ from each other.
    public init(_ fields: [Field] = []) {
        self.elements = fields
    }

    public init(arrayLiteral elements: Field...) {
        self.elements = elements
    }

    public var startIndex: Int { elements.startIndex }
    public var endIndex: Int { elements.endIndex }
    public subscript(position: Int) -> Field { elements[position] }

    /// The field of a name, or `nil`. Setting replaces or appends; setting `nil` removes.
    public subscript(name: String) -> Field? {
        get { index(of: name).map { elements[$0] } }
        set {
            let index = index(of: name)
            switch (index, newValue) {
            case (let index?, let field?): elements[index] = field
            case (let index?, nil): elements.remove(at: index)
            case (nil, let field?): elements.append(field)
            case (nil, nil): break
            }
        }
    }

    private func index(of name: String) -> Int? {
        for index in elements.indices where elements[index].name.hasSameBytes(as: name) { return index }
        return nil
    }

    /// Whether there is a field of a name.
    package func contains(_ name: String) -> Bool { index(of: name) != nil }

    /// The revision that wrote a field, or 0 where there is none.
    public func revision(of name: String) -> Revision {
        index(of: name).map { elements[$0].revision } ?? 0
    }

    /// The bytes of all names and values together.
    public var byteCount: Int {
        // By index: a loop over the elements copies each, which costs more than the sum.
        var count = 0
        for index in elements.indices { count += elements[index].name.utf8.count + elements[index].value.bytes.count }
        return count
    }

    /// Whether there is a save-only field whose name begins so.
    package func containsSaveOnly(prefix: String) -> Bool {
        for index in elements.indices {
            let name = elements[index].name
            if name.utf8.count >= prefix.utf8.count, Field.isSaveOnly(name), name.utf8.starts(with: prefix.utf8) {
                return true
            }
        }
        return false
    }

    /// The fields that a normal load shows.
    public var withoutSaveOnly: Fields {
        Fields(elements.filter { !Field.isSaveOnly($0.name) })
    }
}

extension Fields: Hashable {
    /// Equal when they hold the same fields, in whatever order.
    public static func == (lhs: Fields, rhs: Fields) -> Bool {
        lhs.elements == rhs.elements || (lhs.count == rhs.count && lhs.allSatisfy { rhs[$0.name] == $0 })
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(elements.count)
    }
}
