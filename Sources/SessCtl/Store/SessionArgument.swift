import ArgumentParser
import Modeler

/// An id of a session on the command line.
struct SessionArgument: ExpressibleByArgument, Sendable {
    let id: ModelID
    private let problem: String?

    /// Takes any text: what the parser refuses itself, it shows.
    init?(argument: String) {
        let id = try? ModelID(argument)
        self.id = id ?? ModelID(0)
        if Self.isToken(argument) {
            problem =
                "That is a token, which gives access to its session, and may be in the shell's history now: end the "
                + "session by its id, the part between the dots."
        } else {
            problem = id == nil ? "A session's id is of letters, digits, '.', '_' and '-'." : nil
        }
    }

    /// Refuses what is no id, without showing it.
    static func check(_ arguments: [SessionArgument]) throws {
        if let problem = arguments.lazy.compactMap(\.problem).first { throw ValidationError(problem) }
    }

    /// Whether a text looks like a token or a cookie with one: `v1.`, an id, a secret, and perhaps a signature.
    private static func isToken(_ text: String) -> Bool {
        let token = text.split(separator: "=").last ?? ""
        return token.hasPrefix("v1.") && token.split(separator: ".", omittingEmptySubsequences: false).count >= 3
    }
}
