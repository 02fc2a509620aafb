import Modeler

extension ConflictPolicy {
    /// Both requests' additions to an integer count.
    public static let counter = merging(Int.self) { base, mine, theirs in
        (theirs ?? 0) &+ (mine ?? 0) &- (base ?? 0)
    }

    /// The greater of two integers stays.
    public static let maximum = merging(Int.self) { _, mine, theirs in
        [mine, theirs].compactMap(\.self).max()
    }

    /// An array of distinct elements: what either request has added is in, what either has removed is out.
    public static let set = mergingValues { base, mine, theirs in
        guard let theirs = theirs?.array else { return mine }
        let base = base?.array ?? []
        let mine = mine?.array ?? []
        let removed = base.filter { !mine.contains($0) }
        let added = mine.filter { !base.contains($0) && !theirs.contains($0) }
        return .array(theirs.filter { !removed.contains($0) } + added)
    }

    /// An array that grows at its end, as a log does: the stored one, then what the second request has appended to the
    /// one both began with. What either request has removed at its beginning is out; a log of which nothing is left is
    /// removed.
    ///
    /// - Parameter limit: The most elements kept; the first are dropped.
    public static func log(limit: Int) -> ConflictPolicy {
        mergingValues { base, mine, theirs in
            let base = base?.array ?? []
            let (mineArray, theirArray) = (mine?.array ?? [], theirs?.array ?? [])
            let (keptByMe, keptByThem) = (kept(of: base, in: mineArray), kept(of: base, in: theirArray))
            let merged = theirArray.dropFirst(max(0, keptByThem - keptByMe)) + mineArray.dropFirst(keptByMe)
            if merged.isEmpty, mine == nil || theirs == nil { return nil }
            return .array(Array(merged.suffix(max(limit, 0))))
        }
    }

    /// How many elements a log has in common with the one it came from: the last of that, and its own first.
    private static func kept(of base: [JSONValue], in log: [JSONValue]) -> Int {
        (0...min(base.count, log.count)).last { base.suffix($0) == log.prefix($0) } ?? 0
    }

    /// An object, merged member by member at every depth, removals included; for a member that both requests have
    /// changed the second one's stands.
    public static let members = mergingValues(mergeMembers)

    /// A merge of values in their free form.
    private static func mergingValues(
        _ merge: @escaping @Sendable (_ base: JSONValue?, _ mine: JSONValue?, _ theirs: JSONValue?) -> JSONValue?
    ) -> ConflictPolicy {
        .merge { base, mine, theirs in
            // A stored value that is no JSON counts as absent, as it does for whoever reads it.
            let merged = merge(try? base?.value(), try? mine?.value(), try? theirs?.value())
            return try merged.map { value throws(ModelError) in try EncodedJSON(value) }
        }
    }

    @Sendable private static func mergeMembers(
        _ base: JSONValue?,
        _ mine: JSONValue?,
        _ theirs: JSONValue?
    ) -> JSONValue? {
        if mine == base { return theirs }
        guard let mineObject = mine?.object, let theirObject = theirs?.object else { return mine }
        let baseObject = base?.object ?? JSONObject()
        var merged = JSONObject()
        for name in theirObject.names + mineObject.names.filter({ theirObject[$0] == nil }) {
            merged[name] = mergeMembers(baseObject[name], mineObject[name], theirObject[name])
        }
        return .object(merged)
    }
}
