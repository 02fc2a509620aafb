import Modeler

extension SessionFields {
    /// Leaves a message for the next request that asks, as after a redirect.
    ///
    /// - Parameter kind: What the messages are for, such as `error` or `info`; each kind is a field of its own,
    ///   `flash.<kind>`. Messages that two requests leave at once are all kept.
    public func flash(_ message: String, kind: String = "info") {
        let name = Self.flashName(kind)
        let messages = ((self[name, as: [String].self] ?? []) + [message]).suffix(Self.maximumFlashes)
        do {
            setEncodedValue(
                try EncodedJSON(encoding: Array(messages)), of: name, policy: .log(limit: Self.maximumFlashes))
        } catch {
            recordFault(SessionError(.invalidField, "a message can't be stored", underlying: error))
        }
    }

    /// Takes the messages of a kind, the oldest first: the next request that asks doesn't get them. A message that
    /// another request leaves meanwhile stays for the one after. Two requests that run at once and both ask may both
    /// get the same ones.
    public func takeFlash(kind: String = "info") -> [String] {
        pop(Self.flashName(kind), as: [String].self, policy: .log(limit: Self.maximumFlashes)) ?? []
    }

    private static func flashName(_ kind: String) -> String { "flash.\(kind)" }

    /// The most messages of a kind that are kept; the oldest go first. More than a page shows are an app's mistake, and
    /// would fill the session.
    private static var maximumFlashes: Int { 50 }
}
