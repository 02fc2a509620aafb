import Testing

@testable import HiredisClient

@Suite struct SentinelMachineTests {
    private let a = RedisEndpoint(.host("a", port: 1))
    private let b = RedisEndpoint(.host("b", port: 1))
    private let c = RedisEndpoint(.host("c", port: 1))
    private let second: UInt64 = 1_000_000_000

    private func settled(on endpoint: RedisEndpoint, epoch: Int = 1, at now: UInt64 = 1) -> SentinelMachine {
        var machine = SentinelMachine(sentinels: 3, now: 0)
        for sentinel in 0..<3 { machine.reported(.init(master: endpoint, epoch: epoch, at: now), by: sentinel) }
        #expect(machine.candidate(now: now) == endpoint)
        let isNew = machine.judged(endpoint, .master, now: now)
        #expect(isNew)
        return machine
    }

    @Test("D6 At the start most Sentinels must have answered, and the server must say that it is the master")
    func start() {
        var machine = SentinelMachine(sentinels: 3, now: 0)
        #expect(machine.candidate(now: 1) == nil && machine.isUnsettled(now: 1))
        machine.reported(.init(master: a, epoch: 0, at: 1), by: 2)
        #expect(machine.candidate(now: 1) == nil)
        machine.reported(.init(master: a, epoch: 0, at: 1), by: 0)
        #expect(machine.candidate(now: 1) == a && machine.master == nil)
        let isNew = machine.judged(a, .unreachable, now: 1)
        #expect(!isNew)
        #expect(machine.candidate(now: 2) == nil)
        #expect(machine.candidate(now: 1 + SentinelMachine.pause) == a)
        let isNewThen = machine.judged(a, .master, now: second)
        #expect(isNewThen)
        #expect(machine.master == a && machine.generation == 1 && !machine.isUnsettled(now: second))
    }

    @Test("D6 One Sentinel of three is enough for a start if the others are silent")
    func silence() {
        var machine = SentinelMachine(sentinels: 3, now: 0)
        machine.reported(.init(master: a, epoch: 0, at: 2 * second), by: 2)
        #expect(machine.candidate(now: 2 * second) == a)
    }

    @Test("D6 Most Sentinels must name another master")
    func majority() {
        var machine = settled(on: a)
        machine.reported(.init(master: b, epoch: 9, at: 2), by: 0)
        #expect(machine.candidate(now: 2) == nil && machine.isUnsettled(now: 2))
        machine.reported(.init(master: b, epoch: 9, at: 3), by: 1)
        #expect(machine.candidate(now: 3) == b)
        let isNew = machine.judged(b, .master, now: 3)
        #expect(isNew && machine.generation == 2)
        // The one that is late says the old master, of the old configuration.
        #expect(machine.candidate(now: 4) == nil && !machine.isUnsettled(now: 4))
    }

    @Test("D6 A master in doubt is left for the latest configuration where the Sentinels are divided for long")
    func doubt() {
        var machine = SentinelMachine(sentinels: 2, now: 0)
        for sentinel in 0..<2 { machine.reported(.init(master: a, epoch: 1, at: 1), by: sentinel) }
        let isNew = machine.judged(a, .master, now: 1)
        #expect(isNew)
        machine.doubt(a, now: 2)
        let late = 3 + SentinelMachine.patience
        machine.reported(.init(master: b, epoch: 2, at: late), by: 0)
        #expect(machine.candidate(now: 2) != b)
        #expect(machine.candidate(now: late) == b)
        let isNewThen = machine.judged(b, .master, now: late)
        #expect(isNewThen && machine.master == b)
    }

    @Test("D6 A doubt that the master itself answers is over")
    func doubtOver() {
        var machine = settled(on: a)
        machine.doubt(b, now: 2)
        #expect(machine.doubtfulSince == nil)
        machine.doubt(a, now: 2)
        #expect(machine.candidate(now: 2) == a)
        let isNew = machine.judged(a, .master, now: 3)
        #expect(!isNew && machine.doubtfulSince == nil && machine.generation == 1)
    }

    @Test("D6 A Sentinel of an older configuration moves nobody, in doubt or not")
    func older() {
        var machine = settled(on: b, epoch: 5)
        machine.reported(.init(master: a, epoch: 4, at: 2), by: 0)
        #expect(machine.candidate(now: 2) == nil)
        machine.doubt(b, now: 3)
        for _ in 0..<3 {
            #expect(machine.candidate(now: 3) != a)
            _ = machine.judged(b, .unreachable, now: 3)
        }
        // Sentinels that were set up anew all begin at 0.
        for sentinel in 0..<3 { machine.reported(.init(master: a, epoch: 0, at: 4), by: sentinel) }
        #expect(machine.candidate(now: 4) == a)
    }

    @Test("D6 Sentinels that name a demoted server lead to the one that it follows")
    func demoted() {
        var machine = settled(on: a)
        machine.doubt(a, now: 2)
        #expect(machine.candidate(now: 2) == a)
        let isNew = machine.judged(a, .replica(of: c), now: 2)
        #expect(!isNew)
        #expect(machine.candidate(now: 2) == c)
        let isNewThen = machine.judged(c, .master, now: 2)
        #expect(isNewThen && machine.master == c)
        // They go on naming it; it is asked now and then, and changes nothing.
        #expect(machine.candidate(now: second) == a)
        let isNewAtLast = machine.judged(a, .replica(of: c), now: second)
        #expect(!isNewAtLast)
        #expect(machine.candidate(now: second + SentinelMachine.pause) == nil && machine.master == c)
    }

    @Test("D6 A report that is old doesn't count")
    func age() {
        var machine = settled(on: a)
        machine.reported(.init(master: b, epoch: 2, at: 2), by: 0)
        machine.reported(.init(master: b, epoch: 2, at: 2), by: 1)
        let late = 3 + SentinelMachine.reportLife
        #expect(machine.candidate(now: late) == nil && !machine.isUnsettled(now: late))
    }

    /// What may happen to a machine at one instant.
    enum Event: CaseIterable {
        case oldBy0, oldBy1, oldBy2, newBy0, newBy1, newBy2, lieBy2, doubt
    }

    @Test("D6 In every order of what three Sentinels say, only the new master is followed")
    func orders() {
        let old = a
        let new = b
        let foreign = c
        func run(_ events: [Event]) {
            var machine = settled(on: old)
            var now: UInt64 = 2
            func judge() {
                // The old master was demoted; the foreign one is a master of others.
                for _ in 0..<4 {
                    guard let candidate = machine.candidate(now: now) else { return }
                    let verdict: SentinelMachine.Verdict = candidate == old ? .replica(of: new) : .master
                    _ = machine.judged(candidate, verdict, now: now)
                }
            }
            for event in events {
                now += 1
                switch event {
                case .oldBy0: machine.reported(.init(master: old, epoch: 1, at: now), by: 0)
                case .oldBy1: machine.reported(.init(master: old, epoch: 1, at: now), by: 1)
                case .oldBy2: machine.reported(.init(master: old, epoch: 1, at: now), by: 2)
                case .newBy0: machine.reported(.init(master: new, epoch: 2, at: now), by: 0)
                case .newBy1: machine.reported(.init(master: new, epoch: 2, at: now), by: 1)
                case .newBy2: machine.reported(.init(master: new, epoch: 2, at: now), by: 2)
                case .lieBy2: machine.reported(.init(master: foreign, epoch: 9, at: now), by: 2)
                case .doubt: machine.doubt(old, now: now)
                }
                judge()
                #expect(machine.master == old || machine.master == new, "\(events)")
            }
            // All that is true is known by now.
            now += SentinelMachine.longPause
            for sentinel in 0..<2 { machine.reported(.init(master: new, epoch: 2, at: now), by: sentinel) }
            judge()
            #expect(machine.master == new, "\(events)")
        }
        for first in Event.allCases {
            for second in Event.allCases {
                for third in Event.allCases {
                    for fourth in Event.allCases { run([first, second, third, fourth]) }
                }
            }
        }
    }
}
