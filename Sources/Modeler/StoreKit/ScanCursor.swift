/// The cursor of a store that goes through its owners first and then through its models: which of the two, and the
/// place, empty at the beginning.
public enum ScanCursor: Sendable, Equatable {
    /// Among the owners, after a place.
    case owners(after: String)
    /// Among the models, after a place.
    case models(after: String)

    /// Reads a cursor; none is the beginning.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` for another collection's cursor.
    public init(_ cursor: PageCursor?) throws(ModelError) {
        guard let text = cursor?.rawValue else {
            self = .owners(after: "")
            return
        }
        switch text.first {
        case "o": self = .owners(after: String(text.dropFirst()))
        case "m": self = .models(after: String(text.dropFirst()))
        default: throw Self.foreign
        }
    }

    /// The cursor as it is given to the caller.
    public var cursor: PageCursor {
        switch self {
        case .owners(let place): PageCursor(rawValue: "o" + place)
        case .models(let place): PageCursor(rawValue: "m" + place)
        }
    }

    /// Reads a place that is a number; `nil` at the beginning.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` for another collection's cursor.
    public static func number<Number: FixedWidthInteger>(_ place: String) throws(ModelError) -> Number? {
        if place.isEmpty { return nil }
        guard let number = Number(place) else { throw foreign }
        return number
    }

    /// The error for a cursor that another collection has made.
    public static var foreign: ModelError { ModelError(.invalidChange, "the cursor is none of this collection's") }

    /// Checks the number of ids asked for.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` for less than 1.
    public static func check(limit: Int) throws(ModelError) {
        guard limit >= 1 else { throw ModelError(.invalidChange, "a step looks at 1 id at least") }
    }
}
