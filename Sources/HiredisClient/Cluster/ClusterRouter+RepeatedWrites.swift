extension ClusterRouter {
    /// How often writes are repeated on a node that has become the master of their keys, until it executes them.
    private static let attempts = 3

    /// Repeats the writes of the last minute where their slot has another master now: the replica that was promoted may
    /// not have heard of them. A moment after that master is known, as it serves its other keys meanwhile.
    func repeatWrites(_ adoption: Adoption) {
        // Most tables say what the one before has said.
        if adoption.former == adoption.table { return }
        var writes: [Int: [RepeatedWrite]] = [:]
        for write in replay.writes {
            let slot = HashSlot(write.key)
            guard let owner = adoption.table.owner(of: slot), let former = adoption.former.endpoint(of: slot),
                former != adoption.table.endpoints[owner]
            else { continue }
            writes[owner, default: []].append(write)
        }
        for (owner, writes) in writes {
            guard let node = adoption.owners[owner] else { continue }
            Task { [weak self] in
                for _ in 0..<Self.attempts {
                    guard let self else { return }
                    let timeout = configuration.commandTimeout.unsignedNanoseconds
                    if await replay.send(writes, to: node, timeout: timeout) { return }
                }
            }
        }
    }
}
