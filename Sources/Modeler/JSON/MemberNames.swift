/// The names of one object's members, as far as the object was read.
///
/// Few names are compared one by one, many by their hashes: no text takes time that grows with its square.
struct MemberNames {
    /// Where the object's names begin among those of all objects that are open.
    let start: Int
    fileprivate var hashes: Set<Int>?
    fileprivate static let scanLimit = 24

    init(start: Int) {
        self.start = start
    }
}

extension JSONScanner {
    /// Adds a member's name to those of its object and sets ``hasDuplicates`` where it is there already. Names are
    /// compared with their escapes resolved.
    mutating func note(_ name: StringToken, in object: inout MemberNames) throws(ModelError) {
        guard !hasDuplicates else { return }
        if object.hashes != nil {
            // Two names of one hash count as one: the object is then written anew for nothing, and nothing is lost.
            hasDuplicates = try object.hashes?.insert(hash(of: name)).inserted == false
            return
        }
        for index in object.start..<names.count {
            let other = names[index]
            let mayBeSame = other.range.count == name.range.count || other.hasEscapes || name.hasEscapes
            if mayBeSame, try isSame(name, other) {
                hasDuplicates = true
                return
            }
        }
        if names.isEmpty { names.reserveCapacity(MemberNames.scanLimit) }
        names.append(name)
        if names.count - object.start > MemberNames.scanLimit {
            var hashes: Set<Int> = []
            for index in object.start..<names.count { hashes.insert(try hash(of: names[index])) }
            object.hashes = hashes
        }
    }

    /// Forgets the names of an object that was read to its end.
    mutating func close(_ object: MemberNames) {
        names.removeLast(names.count - object.start)
    }

    private func isSame(_ first: StringToken, _ second: StringToken) throws(ModelError) -> Bool {
        guard !first.hasEscapes, !second.hasEscapes else {
            return try text(of: first).hasSameBytes(as: text(of: second))
        }
        for offset in 0..<first.range.count
        where bytes[first.range.lowerBound + offset] != bytes[second.range.lowerBound + offset] {
            return false
        }
        return true
    }

    private func hash(of name: StringToken) throws(ModelError) -> Int {
        var hasher = Hasher()
        if name.hasEscapes {
            var text = try text(of: name)
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        } else {
            hasher.combine(bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[name.range])))
        }
        return hasher.finalize()
    }
}
