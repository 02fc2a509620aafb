import Testing

@testable import HiredisClient

/// Which writes wait for the replicas, and for which of them.
@Suite struct ReplicationMachineTests {
    @Test("D12 While the replicas are asked, writes are gathered; then they are asked about together")
    func gathers() {
        var machine = ReplicationMachine(minimum: 1)
        #expect(steps(&machine, 3, now: 0) == [.ask, .gather, .gather])
        #expect(end(&machine, isConfirmed: true, hasGathered: true, now: 1) == .ask)
        #expect(steps(&machine, 1, now: 2) == [.gather])
        #expect(end(&machine, isConfirmed: true, hasGathered: true, now: 3) == .ask)
        #expect(end(&machine, isConfirmed: true, hasGathered: false, now: 4) == .rest)
        #expect(steps(&machine, 2, now: 5) == [.ask, .gather])
    }

    @Test("All replicas that are connected have to confirm, and at least the minimum")
    func wanted() {
        var machine = ReplicationMachine(minimum: 2)
        #expect(machine.wanted == 2)
        #expect(answer(&machine, confirmed: 1, asked: 2, connected: 1) == .unconfirmed)
        #expect(machine.wanted == 2)
        // A third one has come: it isn't known whether it has the writes.
        #expect(answer(&machine, confirmed: 2, asked: 2, connected: 3) == .askAgain)
        #expect(machine.wanted == 3)
        #expect(answer(&machine, confirmed: 2, asked: 3, connected: 3) == .unconfirmed)
        #expect(answer(&machine, confirmed: 3, asked: 3, connected: 3) == .confirmed)
        // One that is lost isn't waited for any longer.
        #expect(answer(&machine, confirmed: 2, asked: 3, connected: 2) == .confirmed)
        #expect(machine.wanted == 2)
        // A server that doesn't tell: as many as there were.
        #expect(answer(&machine, confirmed: 2, asked: 2, connected: nil) == .confirmed)
        #expect(answer(&machine, confirmed: nil, asked: 2, connected: nil) == .unconfirmed)
    }

    @Test("After three failures in a row nobody waits for five seconds, and then one tries")
    func rests() {
        var machine = ReplicationMachine(minimum: 1)
        for number in 1...3 as ClosedRange<UInt64> {
            #expect(steps(&machine, 1, now: number) == [.ask])
            #expect(
                end(&machine, isConfirmed: false, hasGathered: number == 3, now: number)
                    == (number == 3 ? .skip : .rest))
        }
        #expect(steps(&machine, 2, now: 3 + ReplicationMachine.rest - 1) == [.skip, .skip])
        let later = 3 + ReplicationMachine.rest
        #expect(steps(&machine, 2, now: later) == [.ask, .gather])
        #expect(end(&machine, isConfirmed: false, hasGathered: true, now: later + 1) == .skip)
        #expect(steps(&machine, 1, now: later + 2) == [.skip])
        let last = later + 1 + ReplicationMachine.rest
        #expect(steps(&machine, 1, now: last) == [.ask])
        #expect(end(&machine, isConfirmed: true, hasGathered: false, now: last) == .rest)
        #expect(steps(&machine, 1, now: last + 1) == [.ask])
        #expect(end(&machine, isConfirmed: false, hasGathered: false, now: last + 1) == .rest)
        #expect(steps(&machine, 1, now: last + 2) == [.ask])
    }

    private func steps(_ machine: inout ReplicationMachine, _ count: Int, now: UInt64) -> [ReplicationMachine
        .Submission]
    {
        (0..<count).map { _ in machine.submit(now: now) }
    }

    private func end(
        _ machine: inout ReplicationMachine, isConfirmed: Bool, hasGathered: Bool, now: UInt64
    ) -> ReplicationMachine.Next {
        machine.ended(isConfirmed: isConfirmed, hasGathered: hasGathered, now: now)
    }

    private func answer(
        _ machine: inout ReplicationMachine, confirmed: Int?, asked: Int, connected: Int?
    ) -> ReplicationMachine.Verdict {
        machine.answered(confirmed: confirmed, asked: asked, connected: connected)
    }
}
