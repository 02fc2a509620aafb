import RESP
import Testing

@testable import HiredisClient

@Suite("Commands in order")
struct CommandQueueTests {
    private static func command(
        _ id: UInt64, expiry: UInt64 = .max, retry: RetryPolicy = .always
    ) -> PendingCommand<UInt64> {
        var command = PendingCommand(
            id: id, request: .command("ECHO", "\(id)"), retry: retry, timeout: 1, waiter: id)
        command.expiry = expiry
        return command
    }

    @Test("Against a plain list: random steps find the same commands by their ids and times")
    func random() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SplitMix(state: seed)
            var queue = CommandQueue<UInt64>()
            var list: [PendingCommand<UInt64>] = []
            var now: UInt64 = 0
            var lastID: UInt64 = 0
            for _ in 0..<2_000 {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0...3:
                    // Ids come out of order, and far apart.
                    lastID += UInt64.random(in: 1...200, using: &generator)
                    let command = Self.command(lastID, expiry: now + .random(in: 0...300, using: &generator))
                    queue.append(command)
                    list.append(command)
                case 4:
                    lastID += 1
                    let command = Self.command(lastID, expiry: now + .random(in: 0...300, using: &generator))
                    queue.prepend(command)
                    list.insert(command, at: 0)
                case 5, 6:
                    let first = queue.popFirst()
                    #expect(first?.id == list.first?.id)
                    #expect(first?.waiter == list.first?.waiter)
                    if !list.isEmpty { list.removeFirst() }
                case 7:
                    let id = list.randomElement(using: &generator)?.id ?? .random(in: 1...1000, using: &generator)
                    let index = list.firstIndex { $0.id == id }
                    #expect(queue.takeWaiter(id: id)?.waiter == index.flatMap { list[$0].waiter })
                    if let index { list[index].waiter = nil }
                case 8:
                    now += UInt64.random(in: 0...40, using: &generator)
                    var expired: [UInt64] = []
                    queue.expire(now: now) { waiter, _ in expired.append(waiter) }
                    #expect(expired == list.filter { $0.expiry <= now }.compactMap(\.waiter))
                    for index in list.indices where list[index].expiry <= now { list[index].waiter = nil }
                default:
                    queue.dropAbandoned()
                    if list.count > 2 * list.count(where: { $0.waiter != nil }) { list.removeAll { $0.waiter == nil } }
                }
                let awaited = list.filter { $0.waiter != nil }
                #expect(queue.count == list.count)
                #expect(queue.awaitedCount == awaited.count)
                #expect(queue.earliestExpiry <= awaited.map(\.expiry).min() ?? .max)
                #expect(queue.byteCount == awaited.reduce(0) { $0 + $1.request.bytes.count })
            }
        }
    }

    /// Each would take as many steps as there are commands, were they looked for one by one: 10¹⁰ in all.
    @Test("100,000 commands are cancelled one by one, in flight and waiting", .timeLimit(.minutes(2)))
    func cancellations() {
        let count = 100_000
        for isReady in [true, false] {
            var harness = MachineHarness {
                $0.maximumInFlight = count
                $0.maximumWaiting = count
                $0.maximumWaitingBytes = .max
            }
            if isReady { harness.makeReady() }
            let ids = (0..<count).map { _ in harness.submit("a") }
            harness.flush()
            for id in ids.reversed() { harness.cancel([id]) }
            // Those of commands that are gone cost nothing either.
            for id in ids { harness.cancel([id]) }
            #expect(harness.completed.count == count)
            #expect(harness.completed.allSatisfy { $0 == (isReady ? "a: cancelled" : "a: cancelledNotSent") })
        }
    }

    @Test("100,000 commands have their deadlines one after the other", .timeLimit(.minutes(2)))
    func deadlines() {
        let count: UInt64 = 100_000
        var queue = CommandQueue<UInt64>()
        for id in 1...count { queue.append(Self.command(id, expiry: id)) }
        var expired: [UInt64] = []
        for now in stride(from: 0, through: count, by: 50) { queue.expire(now: now) { id, _ in expired.append(id) } }
        #expect(expired == Array(1...count))
        #expect(queue.earliestExpiry == .max)
    }
}

@Suite("Commands that keep their bytes")
struct KeptBytesTests {
    @Test("D4 What can't be sent again gives its bytes up once it is sent; what can, once nobody waits for it")
    func dropped() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("write")
        harness.submit("never", retry: .never)
        let read = harness.submit("read", retry: .always)
        #expect(harness.keptBytes == 3 * "*2\r\n$4\r\nECHO\r\n$4\r\nread\r\n".utf8.count + 2)
        harness.flush()
        #expect(harness.keptBytes == "*2\r\n$4\r\nECHO\r\n$4\r\nread\r\n".utf8.count)
        harness.cancel([read])
        #expect(harness.keptBytes == 0)
        _ = harness.receive("+1\r\n+2\r\n+3\r\n")
        #expect(harness.takeCompleted() == ["read: cancelled", "write = 1", "never = 2"])
        // A write that was not sent has its bytes still.
        harness.submit("unsent")
        #expect(harness.lose() == "reconnect")
        #expect(harness.waitingNames == ["unsent"])
        _ = harness.reconnect()
        _ = harness.machine.connected([.ping], origin: 8)
        _ = harness.receive("+PONG\r\n")
        harness.sendWaiting()
        #expect(harness.written.last == "unsent")
    }

    @Test("D4 Beyond the bound on bytes in flight commands wait, and beyond that on waiting bytes they are refused")
    func bounded() {
        var harness = MachineHarness {
            $0.maximumInFlightBytes = 40
            $0.maximumWaitingBytes = 60
        }
        harness.makeReady()
        for name in ["read1", "read2", "read3", "read4", "read5"] { harness.submit(name, retry: .always) }
        #expect(harness.written == ["read1", "read2"])
        #expect(harness.waitingNames == ["read3", "read4"])
        #expect(harness.takeCompleted() == ["read5: overloaded"])
        harness.flush()
        _ = harness.receive("+1\r\n")
        harness.sendWaiting()
        #expect(harness.written == ["read1", "read2", "read3"])
    }

    @Test("D4 Commands on their way to the event loop are bounded by their bytes; one alone may have more")
    func queued() {
        let queue = SubmissionQueue<String>(capacity: 100, maximumBytes: 60)
        func submit(_ text: String) -> String {
            let request = RESPRequest.command("ECHO", text)
            return "\(queue.submit(PendingCommand(id: 1, request: request, retry: .never, timeout: 1, waiter: text)))"
        }
        #expect(submit(String(repeating: "x", count: 1000)) == "wake")
        #expect(submit("y") == "full")
        #expect(queue.drain().commands.count == 1)
        #expect([submit("a"), submit("b"), submit("c")] == ["wake", "taken", "full"])
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ (mixed >> 27)
    }
}
