import Testing

@testable import HiredisClient

@Suite struct ClusterMachineTests {
    private let nodes = (0..<4).map { RedisEndpoint(.host("n\($0)", port: 1)) }
    private let seeds = (0..<2).map { RedisEndpoint(.host("seed\($0)", port: 1)) }
    private let second: UInt64 = 1_000_000_000

    /// Thirds of the slots, for these nodes.
    private func view(_ owners: [Int], epoch: Int = 1) -> ClusterView {
        let bounds = [0, 5_000, 10_000, 16_384]
        let ranges = owners.enumerated().map { index, owner in
            ClusterView.Range(slots: bounds[index]...(bounds[index + 1] - 1), endpoint: nodes[owner])
        }
        return ClusterView(ranges: ranges, epoch: epoch)
    }

    private func slot(_ number: Int) throws -> HashSlot { try #require(HashSlot(number: number)) }

    private func owner(_ number: Int, in machine: ClusterMachine) throws -> RedisEndpoint? {
        machine.table.owner(of: try slot(number)).map { machine.table.endpoints[$0] }
    }

    private func asked(_ directive: ClusterMachine.Directive) throws -> (nodes: [RedisEndpoint], round: Int) {
        guard case .ask(let nodes, let round) = directive else {
            Issue.record("\(directive)")
            throw CancellationError()
        }
        return (nodes, round)
    }

    private func begin(_ machine: inout ClusterMachine, now: UInt64) throws -> (nodes: [RedisEndpoint], round: Int) {
        let directive = machine.next(now: now)
        return try asked(directive)
    }

    private func settled(at now: UInt64 = 0) throws -> ClusterMachine {
        var machine = ClusterMachine(seeds: seeds, now: now)
        let (asked, round) = try begin(&machine, now: now)
        for node in asked { machine.answered(view([0, 1, 2]), by: node, round: round, now: now) }
        #expect(machine.next(now: now) == .use)
        #expect(machine.next(now: now) == .none)
        return machine
    }

    @Test("D7 Two nodes are asked at the start, and the one that has heard of more changes is believed")
    func start() throws {
        var machine = ClusterMachine(seeds: seeds, now: 0)
        let (asked, round) = try begin(&machine, now: 0)
        #expect(Set(asked) == Set(seeds))
        #expect(machine.next(now: 1) == .none)
        machine.answered(view([0, 1, 2], epoch: 4), by: asked[0], round: round, now: 1)
        #expect(machine.next(now: 1) == .wake(after: ClusterMachine.patience))
        machine.answered(view([0, 1, 3], epoch: 5), by: asked[1], round: round, now: 2)
        #expect(machine.next(now: 2) == .use)
        #expect(try owner(0, in: machine) == nodes[0])
        #expect(try owner(16_383, in: machine) == nodes[3])
        #expect(machine.table.coverage == HashSlot.count)
    }

    @Test("D7 A node that doesn't answer is waited for only a little")
    func silence() throws {
        var machine = ClusterMachine(seeds: seeds, now: 0)
        let (asked, round) = try begin(&machine, now: 0)
        machine.answered(view([0, 1, 2]), by: asked[0], round: round, now: 0)
        #expect(machine.next(now: ClusterMachine.patience) == .use)
        // Too late.
        machine.answered(view([3, 3, 3], epoch: 9), by: asked[1], round: round, now: second)
        #expect(machine.next(now: second) == .none)
        #expect(try owner(0, in: machine) == nodes[0])
    }

    @Test("D7 An answer that covers no more than half of the slots changes nothing, and others are asked")
    func coverage() throws {
        var machine = try settled()
        machine.doubt(nil)
        let (asked, round) = try begin(&machine, now: second)
        let half = ClusterView(ranges: [.init(slots: 0...8_191, endpoint: nodes[3])], epoch: 9)
        machine.answered(half, by: asked[0], round: round, now: second)
        machine.answered(nil, by: asked[1], round: round, now: second)
        #expect(machine.next(now: second) == .wake(after: ClusterMachine.minimumInterval))
        let next = try begin(&machine, now: 2 * second)
        #expect(Set(next.nodes).isDisjoint(with: asked))
        #expect(try owner(0, in: machine) == nodes[0])
    }

    @Test("D7 A redirection holds for its slot at once, and for no other")
    func moved() throws {
        var machine = try settled()
        machine.moved(try slot(7), to: nodes[3], now: second)
        #expect(try owner(7, in: machine) == nodes[3])
        #expect(try owner(6, in: machine) == nodes[0])
        #expect(try owner(8, in: machine) == nodes[0])
        #expect(machine.needs(nodes[3]))
        // The nodes that are asked may not have heard of it.
        let (asked, round) = try begin(&machine, now: second)
        for node in asked { machine.answered(view([0, 1, 2]), by: node, round: round, now: second) }
        #expect(machine.next(now: second) == .use)
        #expect(machine.needs(nodes[3]))
        machine.doubt(nil)
        let later = second + ClusterMachine.memory
        let again = try begin(&machine, now: later)
        for node in again.nodes { machine.answered(view([0, 1, 2]), by: node, round: again.round, now: later) }
        #expect(machine.next(now: later) == .use)
        #expect(!machine.needs(nodes[3]))
    }

    @Test("D7 However many redirections come, there is one round at a time, and five in a second at most")
    func storm() throws {
        var machine = try settled()
        var rounds = 0
        var round: (nodes: [RedisEndpoint], round: Int)?
        for step in 1...2_000 {
            let now = UInt64(step) * 1_000_000
            machine.moved(try slot(step), to: nodes[3], now: now)
            switch machine.next(now: now) {
            case .ask(let nodes, let number):
                #expect(round == nil)
                rounds += 1
                round = (nodes, number)
            default: break
            }
            guard step.isMultiple(of: 50), let current = round.take() else { continue }
            for node in current.nodes {
                machine.answered(view([0, 1, 2]), by: node, round: current.round, now: now)
            }
            #expect(machine.next(now: now) == .use)
        }
        #expect((8...10).contains(rounds))
    }

    @Test("D7 A node in question isn't asked while there are others")
    func suspect() throws {
        for _ in 0..<50 {
            var machine = try settled()
            machine.doubt(nodes[1])
            let (asked, _) = try begin(&machine, now: second)
            #expect(asked.count == 2 && !asked.contains(nodes[1]))
        }
    }

    @Test("D7 Where no master answers, the nodes of the beginning are asked again")
    func seedsAgain() throws {
        var machine = try settled()
        var all: Set<RedisEndpoint> = []
        for step in 1...3 {
            machine.doubt(nil)
            let now = UInt64(step) * second
            let (asked, round) = try begin(&machine, now: now)
            all.formUnion(asked)
            for node in asked { machine.answered(nil, by: node, round: round, now: now) }
            _ = machine.next(now: now)
        }
        #expect(all == Set(nodes[..<3]).union(seeds))
        // And then all over again.
        let (asked, _) = try begin(&machine, now: 9 * second)
        #expect(!asked.isEmpty)
    }

    @Test("D7 A node that has heard of fewer changes is believed only when no other has answered for long")
    func late() throws {
        var machine = ClusterMachine(seeds: seeds, now: 0)
        for (now, epoch, isTaken) in [(0, 7, true), (1, 6, false), (2, 7, true), (6, 6, true)] as [(UInt64, Int, Bool)]
        {
            machine.doubt(nil)
            let (asked, round) = try begin(&machine, now: now * second)
            for node in asked {
                machine.answered(view([0, 1, 2], epoch: epoch), by: node, round: round, now: now * second)
            }
            #expect((machine.next(now: now * second) == .use) == isTaken, "\(now)")
            machine.doubt(nil)
        }
    }

    @Test("D7 Without any cause the nodes are asked every half minute, more or less")
    func period() throws {
        var machine = try settled()
        #expect(machine.next(now: 23 * second) == .none)
        _ = try begin(&machine, now: 37 * second)
    }

    @Test("D7 The fingerprint tells one distribution of slots from another, in whatever order the nodes are told")
    func fingerprint() throws {
        let one = SlotTable(view([0, 1, 2]))
        var reversed = view([0, 1, 2])
        reversed.ranges.reverse()
        #expect(one.fingerprint == SlotTable(reversed).fingerprint)
        #expect(one.fingerprint != SlotTable(view([0, 1, 3])).fingerprint)
        var moved = one
        moved.assign(try slot(3), to: nodes[2])
        #expect(one.fingerprint != moved.fingerprint && moved.coverage == HashSlot.count)
    }
}
