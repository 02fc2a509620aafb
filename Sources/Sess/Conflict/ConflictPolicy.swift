public import Modeler

/// What happens when two requests have changed the same field of one session at once.
///
/// The request whose write comes second decides by its policy. Requests that change different fields never conflict,
/// whatever their policies.
public enum ConflictPolicy: Sendable {
    /// What ``SessionOptions/conflictPolicies`` says for the field's name. Where that says nothing, the last writer
    /// wins; and what ``SessionFields/pop(_:as:)`` or ``SessionFields/takeFlash(kind:)`` removes is what they have
    /// read, so that a value which was stored since stays.
    case automatic

    /// The second write replaces the first.
    case lastWriter

    /// The first write stays; the second request's change of this field is dropped.
    case keepFirst

    /// The second request's changes are not saved; its commit throws ``SessionError/Code/conflict``.
    case fail

    /// The two are merged by a function of the value both began with, the second request's and the stored one.
    /// `nil` stands for an absent field. It may run more than once.
    case merge(@Sendable (_ base: EncodedJSON?, _ mine: EncodedJSON?, _ theirs: EncodedJSON?) throws -> EncodedJSON?)

    /// A merge of decoded values; a value that isn't of the type counts as absent.
    ///
    /// - Parameter merge: Gets the value both requests began with, the second one's and the stored one.
    public static func merging<Value: Codable & Sendable>(
        _ type: Value.Type = Value.self,
        _ merge: @escaping @Sendable (_ base: Value?, _ mine: Value?, _ theirs: Value?) throws -> Value?
    ) -> ConflictPolicy {
        .merge { base, mine, theirs in
            let merged = try merge(
                try? base?.decode(type),
                try? mine?.decode(type),
                try? theirs?.decode(type)
            )
            return try merged.map { try EncodedJSON(encoding: $0) }
        }
    }

    /// A short name, for reports.
    var name: String {
        switch self {
        case .automatic: "automatic"
        case .lastWriter: "lastWriter"
        case .keepFirst: "keepFirst"
        case .fail: "fail"
        case .merge: "merge"
        }
    }
}
