/// A reply as the raw socket of a test sees it.
public enum TestReply: Sendable, Equatable {
    case text(String)
    case error(String)
    case integer(Int)
    case null
    case array([TestReply])

    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    public var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }
}
