import Modeler

/// JSON as the package hydration 0.5 writes it: each object has a member `_types` with the types of the others, but for
/// texts, and an array is an object of its indices.
enum TypedJSON {
    /// Takes the types away. A date stays a text.
    static func plain(_ value: JSONValue, type: String?) -> JSONValue {
        guard case .object(let object) = value else { return value }
        var types = JSONObject()
        if case .object(let found)? = object["_types"] { types = found }
        var members = JSONObject()
        for (name, value) in object where name != "_types" {
            members[name] = plain(value, type: types[name]?.string)
        }
        return type == "array" ? .array(members.map(\.value)) : .object(members)
    }

    /// Adds the types.
    ///
    /// - Returns: The value, and its own type; `nil` for a text.
    static func typed(_ value: JSONValue) -> (value: JSONValue, type: String?) {
        switch value {
        case .null: (value, "null")
        case .bool: (value, "boolean")
        case .integer, .double, .number: (value, "number")
        case .string: (value, nil)
        case .array(let elements): (members(elements.enumerated().map { ("\($0.offset)", $0.element) }), "array")
        case .object(let object): (members(object.map { ($0.name, $0.value) }), "object")
        }
    }

    private static func members(_ members: [(String, JSONValue)]) -> JSONValue {
        var (object, types) = (JSONObject(), JSONObject())
        for (name, value) in members where name != "_types" {
            let (value, type) = typed(value)
            object[name] = value
            types[name] = type.map { .string($0) }
        }
        if !types.isEmpty { object["_types"] = .object(types) }
        return .object(object)
    }
}
