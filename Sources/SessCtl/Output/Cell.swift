import Modeler

/// A value in a result: as a person reads it, and as JSON.
enum Cell: Sendable, Equatable {
    case text(String)
    case number(Int)
    /// With one digit behind the point.
    case decimal(Double)
    case flag(Bool)
    /// JSON as it is.
    case json(EncodedJSON)
    case none

    static func text(_ text: String?) -> Cell { text.map { Cell.text($0) } ?? .none }

    static func number(_ number: Int?) -> Cell { number.map { Cell.number($0) } ?? .none }

    /// Whole seconds of a duration.
    static func seconds(_ duration: Duration?) -> Cell { .number(duration.map { Int($0.components.seconds) }) }

    static func instant(_ instant: Timestamp?) -> Cell { .text(instant?.description) }

    /// As a person reads it. Control characters, which would move a terminal's cursor, are replaced.
    var plain: String {
        let text =
            switch self {
            case .text(let text): text
            case .number(let number): "\(number)"
            case .decimal(let number): Self.rounded(number)
            case .flag(let flag): flag ? "yes" : "no"
            case .json(let json): String(decoding: json.bytes, as: UTF8.self)
            case .none: "-"
            }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? "\u{FFFD}" : $0 }))
    }

    var json: EncodedJSON {
        switch self {
        case .text(let text): (try? EncodedJSON(encoding: text)) ?? .null
        case .number(let number): EncodedJSON(unchecked: ArraySlice("\(number)".utf8))
        case .decimal(let number): EncodedJSON(unchecked: ArraySlice(Self.rounded(number).utf8))
        case .flag(let flag): EncodedJSON(unchecked: ArraySlice("\(flag)".utf8))
        case .json(let json): json
        case .none: .null
        }
    }

    private static func rounded(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// Whether a table puts it at the right.
    var isNumber: Bool {
        switch self {
        case .number, .decimal: true
        default: false
        }
    }
}
