/// Which server each slot of a Redis Cluster belongs to.
struct SlotTable: Sendable, Equatable {
    /// The servers. A slot has the index of its own.
    private(set) var endpoints: [RedisEndpoint] = []
    private var owners = [UInt16](repeating: SlotTable.nobody, count: HashSlot.count)
    /// How many slots belong to a server.
    private(set) var coverage = 0

    /// Hostile redirections can't name more servers than this.
    static let maximumEndpoints = 4_096
    private static let nobody = UInt16.max

    /// The index of the server that has a slot.
    func owner(of slot: HashSlot) -> Int? {
        let owner = owners[Int(slot.number)]
        return owner == Self.nobody ? nil : Int(owner)
    }

    /// The server that has a slot.
    func endpoint(of slot: HashSlot) -> RedisEndpoint? { owner(of: slot).map { endpoints[$0] } }

    /// Gives a slot to a server.
    ///
    /// - Returns: Whether there was room for the server.
    @discardableResult
    mutating func assign(_ slot: HashSlot, to endpoint: RedisEndpoint) -> Bool {
        guard let index = index(of: endpoint) else { return false }
        assign(slot, to: index)
        return true
    }

    private mutating func assign(_ slot: HashSlot, to index: UInt16) {
        if owners[Int(slot.number)] == Self.nobody { coverage += 1 }
        owners[Int(slot.number)] = index
    }

    private mutating func index(of endpoint: RedisEndpoint) -> UInt16? {
        if let known = endpoints.firstIndex(of: endpoint) { return UInt16(known) }
        guard endpoints.count < Self.maximumEndpoints else { return nil }
        endpoints.append(endpoint)
        return UInt16(endpoints.count - 1)
    }

    /// Differs, but for accidents, between any two tables that give a slot to different addresses; the same in all
    /// processes.
    var fingerprint: UInt64 {
        let marks = endpoints.map { Self.hash("\($0.address)".utf8.lazy.map(UInt64.init)) }
        return Self.hash(owners.lazy.map { $0 == Self.nobody ? 0 : marks[Int($0)] })
    }

    /// FNV-1a.
    private static func hash(_ values: some Sequence<UInt64>) -> UInt64 {
        values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1) &* 0x0000_0100_0000_01B3 }
    }
}

extension SlotTable {
    init(_ view: ClusterView) {
        for range in view.ranges {
            guard let index = index(of: range.endpoint) else { continue }
            for slot in range.slots.lazy.compactMap(HashSlot.init(number:)) { assign(slot, to: index) }
        }
    }
}
