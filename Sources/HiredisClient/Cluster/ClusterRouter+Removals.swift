extension ClusterRouter {
    /// How often a removal is tried on a node that has become the master of its key.
    private static let removalAttempts = 3

    /// Removes what was removed lately where its slot has another master now: the replica that was promoted may not
    /// have heard of it. A moment after that master is known, as it serves its other keys meanwhile.
    func repeatRemovals(_ adoption: Adoption) {
        // Most tables say what the one before has said.
        if adoption.former == adoption.table { return }
        var keys: [Int: [String]] = [:]
        for key in replay.keys {
            let slot = HashSlot(key)
            guard let owner = adoption.table.owner(of: slot), let former = adoption.former.endpoint(of: slot),
                former != adoption.table.endpoints[owner]
            else { continue }
            keys[owner, default: []].append(key)
        }
        for (owner, keys) in keys {
            guard let node = adoption.owners[owner] else { continue }
            Task { [weak self] in
                for _ in 0..<Self.removalAttempts {
                    guard let self else { return }
                    let timeout = configuration.commandTimeout.unsignedNanoseconds
                    if await replay.remove(keys, from: node, timeout: timeout) { return }
                }
            }
        }
    }
}
