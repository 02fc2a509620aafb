import ArgumentParser
import Modeler

/// An id of a session on the command line. A token or a cookie is refused without being shown: the shell keeps a
/// history of what is typed.
struct SessionArgument: ExpressibleByArgument, Sendable {
    let id: ModelID

    init?(argument: String) {
        guard let id = try? ModelID(argument), !Self.isToken(argument) else { return nil }
        self.id = id
    }

    /// Whether a text looks like a token: a version, an id and a secret.
    static func isToken(_ text: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).count >= 3 && text.hasPrefix("v1.")
    }
}
