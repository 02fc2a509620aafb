/// A JSON value (RFC 8259), decoded.
///
/// Numbers keep what they are: `3` is an ``integer(_:)`` and `3.0` a ``double(_:)``, and the two are not equal. A
/// literal that neither is written as, such as `1.50`, `1e2` or one of 20 digits, stays a literal: a number that is
/// read and written back is the same text. ``int`` and ``double`` read all three.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that `Int` holds.
    case integer(Int)
    /// A number with a fraction or an exponent, written as the shortest literal that reads back as the same double.
    case double(Double)
    /// The literal of any other number. It equals an integer or a double that is the same number of the same kind:
    /// `1.50` equals `1.5`, and `1e2` equals `100.0` and not `100`.
    case number(String)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Named members.
    case object(JSONObject)
}

extension JSONValue {
    /// Whether this is `null`. A member that isn't there reads as `null` too.
    public var isNull: Bool { self == .null }

    /// The truth value, or `nil` for anything else.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, also of another number that is a whole one within `Int`; else `nil`.
    public var int: Int? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int(exactly: value)
        case .number(let literal): JSONDecimal(literal)?.int
        default: nil
        }
    }

    /// The number as a double, rounded where it has more digits than a double holds; `nil` for anything else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .number(let literal): Double(literal)
        default: nil
        }
    }

    /// The text, or `nil` for anything else.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The list, or `nil` for anything else.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, or `nil` for anything else.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The kind only: values don't belong in logs.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .double, .number: "a number"
        case .string: "a string"
        case .array(let elements): "an array of \(elements.count)"
        case .object(let members): "an object of \(members.count)"
        }
    }
}
