import Modeler
import RESP

/// A member of the index and its place.
struct ListingEntry: Sendable, Equatable {
    var id: ModelID
    /// Whether the id is only about to have this place.
    var isStaged: Bool
    var score: Int

    /// The member as it is stored.
    var member: String { isStaged ? "+" + id.rawValue : id.rawValue }

    /// `nil` where a member is none of the index's.
    init?(member: RESPReply, score: RESPReply) {
        guard let text = member.string, let score = score.string.flatMap(Int.init) else { return nil }
        let isStaged = text.utf8.first == UInt8(ascii: "+")
        // By scalars: a mark that combines with the + would be dropped with it.
        guard let id = try? ModelID(isStaged ? String(text.unicodeScalars.dropFirst()) : text) else { return nil }
        self.id = id
        self.isStaged = isStaged
        self.score = score
    }
}

/// What one look at the index found.
struct ListingLook: Sendable {
    /// The index's clock, in microseconds since 1970.
    var now: Int
    var entries: [ListingEntry]
    /// The place of the last member, or `nil` where there are no more.
    var last: Int?
}

/// How long a model may live, as the index's scripts take it.
enum ListingLife {
    /// Of a model with these limits. An idle limit bounds nothing: it may start anew any number of times.
    static func text(_ expiry: Expiry) -> String {
        expiry.absolute.map { String($0.wholeMilliseconds) } ?? "-"
    }
}
