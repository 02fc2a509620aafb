/// Two numbers are equal where they are the same number of the same kind, integers or not, however they are written.
extension JSONValue: Hashable {
    public static func == (lhs: JSONValue, rhs: JSONValue) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): true
        case (.bool(let lhs), .bool(let rhs)): lhs == rhs
        case (.integer(let lhs), .integer(let rhs)): lhs == rhs
        case (.double(let lhs), .double(let rhs)): lhs == rhs
        case (.string(let lhs), .string(let rhs)): lhs == rhs
        case (.array(let lhs), .array(let rhs)): lhs == rhs
        case (.object(let lhs), .object(let rhs)): lhs == rhs
        case (.number(let lhs), .number(let rhs)) where lhs == rhs: true
        case (.number, .number), (.number, .integer), (.number, .double), (.integer, .number), (.double, .number):
            lhs.decimal.map { $0 == rhs.decimal } ?? false
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        // Equal numbers are equal doubles, also where they are no doubles exactly.
        case .integer, .double, .number: hasher.combine(double ?? 0)
        }
    }

    /// The number, exactly; `nil` for what is none.
    private var decimal: JSONDecimal? {
        switch self {
        case .integer(let value): JSONDecimal(String(value))
        case .double(let value): value.isFinite ? JSONDecimal("\(value)") : nil
        case .number(let literal): JSONDecimal(literal)
        default: nil
        }
    }
}
