extension JSONValue {
    /// A member of an object, so that `value["its"]["working"] = true` works at any depth.
    ///
    /// Reading one that isn't there, or a member of something that isn't an object, gives `null`. Setting one of
    /// anything but an object makes an object of that one member, in place of the `null`, number, text or list that
    /// was there: as with every assignment the newest statement counts.
    ///
    /// Setting `nil` or `null` removes the member, and changes nothing where there is none. A `null` that is to stay is
    /// part of a whole value, as in `value["its"] = ["working": nil]`, or a member of an ``object``.
    public subscript(member: String) -> JSONValue {
        get { object?[member] ?? .null }
        set {
            if newValue.isNull {
                removeMember(member)
                return
            }
            var members = object ?? JSONObject()
            self = .null  // Gives up the second reference, so that the members change in place.
            members[member] = newValue
            self = .object(members)
        }
    }

    /// An element of an array.
    ///
    /// Reading beyond the ends, or of something that isn't an array, gives `null`. Setting outside of the array
    /// appends; setting an element of anything but an array makes an array of that one element in its place.
    public subscript(index: Int) -> JSONValue {
        get {
            guard let array, array.indices.contains(index) else { return .null }
            return array[index]
        }
        set {
            var elements = array ?? []
            self = .null  // As above.
            if elements.indices.contains(index) {
                elements[index] = newValue
            } else {
                elements.append(newValue)
            }
            self = .array(elements)
        }
    }

    /// Removes a member of an object, and gives it; `nil` where there was none.
    @discardableResult
    public mutating func removeMember(_ name: String) -> JSONValue? {
        guard case .object(var members) = self, let removed = members[name] else { return nil }
        members[name] = nil
        self = .object(members)
        return removed
    }
}
