import Testing

@testable import HiredisClient

@Suite struct ConnectionMachineTests {
    @Test("Commands wait for the handshake, then go in order and get their replies in order")
    func order() {
        var harness = MachineHarness()
        harness.submit("a")
        harness.submit("b")
        #expect(harness.written == ["connect"])
        _ = harness.machine.connected([.authenticate, .ping], origin: 1)
        #expect(harness.receive("+OK\r\n+PO") == "none")
        #expect(harness.phase == .handshaking)
        #expect(harness.receive("NG\r\n") == "none")
        harness.sendWaiting()
        harness.submit("c")
        harness.flush()
        #expect(harness.written == ["connect", "a", "b", "c"])
        #expect(harness.receive("+1\r\n:2\r\n$1\r\n3\r\n") == "none")
        #expect(harness.completed == ["a = 1", "b = 2", "c = 3"])
    }

    @Test("What is gathered goes out where the server is idle, or once it is as much as that still works on")
    func keepsServerBusy() {
        var harness = MachineHarness { $0.minimumFlush = 4 }
        harness.makeReady()
        harness.submit("a")
        #expect(harness.keepsServerWaiting == true, "it has nothing to do")
        harness.flush()
        for name in ["b", "c", "d"] { harness.submit(name) }
        #expect(harness.keepsServerWaiting == false)
        harness.submit("e")
        #expect(harness.keepsServerWaiting == true)
        harness.flush()
        for name in ["f", "g", "h"] { harness.submit(name) }
        #expect(harness.keepsServerWaiting == false)
        for name in ["x", "y"] { harness.submit(name) }
        #expect(harness.keepsServerWaiting == true)
        harness.flush()
        // The server has ten to do by now.
        for name in ["i", "j", "k", "l"] { harness.submit(name) }
        #expect(harness.keepsServerWaiting == false)
        _ = harness.receive("+1\r\n+2\r\n+3\r\n+4\r\n+5\r\n+6\r\n")
        #expect(harness.keepsServerWaiting == true)
    }

    @Test("A handshake that is refused is no connection")
    func refusedHandshake() {
        var harness = MachineHarness()
        _ = harness.machine.demand()
        _ = harness.machine.connected([.authenticate, .ping], origin: 1)
        #expect(harness.receive("-WRONGPASS invalid\r\n") == "close connectFailed")
    }

    @Test("A request of several commands is completed by as many replies")
    func severalReplies() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a", commands: 3)
        harness.submit("b")
        harness.flush()
        #expect(harness.receive("+1\r\n+2\r\n") == "none")
        #expect(harness.takeCompleted() == [])
        #expect(harness.receive("+3\r\n+4\r\n") == "none")
        #expect(harness.completed == ["a = 1,2,3", "b = 4"])
    }

    @Test("W1 A cancelled command's reply is consumed and dropped")
    func cancelled() {
        var harness = MachineHarness()
        harness.makeReady()
        let id = harness.submit("a", commands: 2)
        harness.submit("b")
        harness.flush()
        _ = harness.receive("+1\r\n")
        harness.cancel([id])
        #expect(harness.takeCompleted() == ["a: cancelled"])
        _ = harness.receive("+2\r\n+3\r\n")
        #expect(harness.completed == ["b = 3"])
        harness.cancel([id])
        #expect(harness.completed == ["b = 3"])
    }

    @Test("W2 A command whose time is over is answered, and its reply dropped when it comes")
    func timedOut() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a", timeout: 100_000_000)
        harness.submit("b", timeout: 300_000_000)
        harness.flush()
        #expect(harness.nextDeadline == harness.now + 100_000_000)
        #expect(harness.advance(milliseconds: 100) == "none")
        #expect(harness.takeCompleted() == ["a: timeout"])
        #expect(harness.nextDeadline == harness.now + 200_000_000)
        _ = harness.receive("+1\r\n+2\r\n")
        #expect(harness.completed == ["b = 2"])
    }

    @Test("W4 A reply that nobody asked for ends the connection")
    func unexpected() {
        var harness = MachineHarness()
        harness.makeReady()
        #expect(harness.receive("+1\r\n") == "close protocolError")
        var other = MachineHarness()
        other.makeReady()
        other.submit("a")
        #expect(other.receive("+1\r\n") == "close protocolError", "not handed to the socket yet")
        #expect(other.completed == [])
    }

    @Test("W5 Bytes that aren't the protocol end the connection; what was sent has an unknown outcome")
    func malformed() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a")
        harness.submit("b", retry: .never)
        harness.flush()
        harness.submit("c", retry: .never)
        harness.submit("d")
        #expect(harness.receive("+1\r\n?\r\n") == "close protocolError")
        #expect(harness.takeCompleted() == ["a = 1"])
        #expect(harness.receive("+2\r\n") == "none", "nothing more is read")
        #expect(harness.lose() == "reconnect")
        #expect(harness.completed == ["b: outcomeUnknown", "c: notSent"])
        #expect(harness.waitingNames == ["d"])
    }

    @Test("After a loss, reads go again before what waited, and writes that were sent don't")
    func again() {
        var harness = MachineHarness { $0.maximumInFlight = 3 }
        harness.makeReady()
        harness.submit("read", retry: .always)
        harness.submit("write")
        harness.flush()
        harness.submit("unsent")
        harness.submit("waiting")
        #expect(harness.written == ["read", "write", "unsent"])
        harness.written = []
        #expect(harness.lose() == "reconnect")
        #expect(harness.takeCompleted() == ["write: outcomeUnknown"])
        #expect(harness.reconnect() == "connect")
        _ = harness.machine.connected([.ping], origin: 8)
        _ = harness.receive("+PONG\r\n")
        harness.sendWaiting()
        harness.flush()
        #expect(harness.written == ["read", "unsent", "waiting"])
        _ = harness.receive("+1\r\n+2\r\n+3\r\n")
        #expect(harness.completed == ["read = 1", "unsent = 2", "waiting = 3"])
    }

    @Test("D1 Without a connection a command fails within the configured wait, and is known not to have been sent")
    func noConnection() {
        var harness = MachineHarness()
        harness.submit("a")
        harness.submit("b", timeout: 50_000_000)
        _ = harness.advance(milliseconds: 50)
        #expect(harness.takeCompleted() == ["b: timeoutNotSent"])
        _ = harness.advance(milliseconds: 150)
        #expect(harness.completed == ["a: notSent"])
        #expect(harness.commandCount == 0)
    }

    @Test("D1 Attempts that fail give a command no more time")
    func failedAttempts() {
        var harness = MachineHarness()
        harness.submit("a")
        for _ in 0..<2 {
            _ = harness.advance(milliseconds: 90)
            #expect(harness.lose() == "reconnect")
            _ = harness.reconnect()
        }
        _ = harness.advance(milliseconds: 20)
        #expect(harness.completed == ["a: notSent"])
    }

    @Test("D3 A connection whose oldest reply is long overdue is given up")
    func overdue() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a")
        harness.flush()
        #expect(harness.advance(milliseconds: 2_000) == "none")
        #expect(harness.takeCompleted() == ["a: timeout"])
        #expect(harness.nextDeadline == harness.now + 2_000_000_000)
        #expect(harness.advance(milliseconds: 2_000) == "close connectionClosed")
    }

    @Test("D4 One command may wait whatever its size; those behind it are refused by the bound on bytes")
    func waitingBytes() {
        var harness = MachineHarness { $0.maximumWaitingBytes = 10 }
        for name in ["a", "b"] { harness.submit(name) }
        #expect(harness.takeCompleted() == ["b: overloaded"])
        #expect(harness.waitingNames == ["a"])
    }

    @Test("D4 Beyond the bounds a command is refused at once")
    func bounds() {
        var harness = MachineHarness {
            $0.maximumInFlight = 2
            $0.maximumWaiting = 2
        }
        harness.makeReady()
        for name in ["a", "b", "c", "d", "e"] { harness.submit(name) }
        harness.flush()
        #expect(harness.takeCompleted() == ["e: overloaded"])
        _ = harness.receive("+1\r\n")
        harness.sendWaiting()
        #expect(harness.written == ["a", "b", "c"])
    }

    @Test("D4 A peer that stops reading makes commands wait unsent")
    func unwritable() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.machine.isWritable = false
        harness.submit("a", timeout: 100_000_000)
        #expect(harness.written == [])
        _ = harness.advance(milliseconds: 100)
        #expect(harness.completed == ["a: timeoutNotSent"])
    }

    @Test("D5 READONLY replaces the connection once it owes nothing, and nothing new is sent on it")
    func replaced() {
        var harness = MachineHarness()
        harness.makeMasterReady()
        harness.submit("a")
        harness.submit("b")
        harness.flush()
        #expect(harness.receive("-READONLY You can't write against a read only replica.\r\n") == "none")
        harness.submit("c")
        #expect(harness.written == ["a", "b"])
        #expect(harness.receive("+2\r\n") == "close server(READONLY)")
    }

    @Test("D5 Where the role isn't asked, READONLY replaces a connection once a second at most")
    func replacedSeldom() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a")
        harness.flush()
        #expect(harness.receive("-READONLY You can't write against a read only replica.\r\n") == "none")
        #expect(harness.takeCompleted().count == 1)
        _ = harness.advance(milliseconds: 1_000)
        harness.submit("b")
        harness.flush()
        #expect(harness.receive("-READONLY no\r\n") == "close server(READONLY)")
    }

    @Test("R3 A shutdown lets what was sent finish, and refuses the rest")
    func shutdown() {
        var harness = MachineHarness { $0.maximumInFlight = 1 }
        harness.makeReady()
        harness.submit("a")
        harness.flush()
        harness.submit("b")
        #expect(harness.shutDown(afterMilliseconds: 500) == "none")
        harness.submit("c")
        #expect(harness.takeCompleted() == ["b: shutDown", "c: shutDown"])
        #expect(harness.receive("+1\r\n") == "close shutDown")
        #expect(harness.lose() == "stop")
        #expect(harness.completed == ["a = 1"])
    }

    @Test("R3 A shutdown doesn't wait beyond its deadline")
    func shutdownDeadline() {
        var harness = MachineHarness()
        harness.makeReady()
        harness.submit("a", retry: .always)
        harness.flush()
        #expect(harness.shutDown(afterMilliseconds: 500) == "none")
        #expect(harness.advance(milliseconds: 500) == "close shutDown")
        #expect(harness.lose() == "stop")
        #expect(harness.completed == ["a: outcomeUnknown"])
    }

    @Test("D8 At most three attempts in the first second, however the dice fall")
    func backoff() {
        for seed in 0..<1_000 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let backoff = Backoff()
            let delays = (0..<4).map { backoff.delay(attempt: $0, using: &generator) }
            #expect(delays.reduce(0, +) > 1_000_000_000, "seed \(seed)")
            #expect((4..<50).allSatisfy { backoff.delay(attempt: $0, using: &generator) <= 900_000_000 })
        }
    }

    @Test("D8 Of 200 clients that lose their server together no more than a fifth tries in the same 50 ms")
    func herd() {
        var worse = 0
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            var attempts: [UInt64] = []
            for _ in 0..<200 {
                var time: UInt64 = 0
                for attempt in 0..<3 {
                    time += Backoff().delay(attempt: attempt, using: &generator) / 1_000_000
                    attempts.append(time)
                }
            }
            let most = stride(from: 0 as UInt64, to: 1_000, by: 10).map { start in
                attempts.count { (start..<start + 50).contains($0) }
            }.max()!
            #expect(most <= 50, "seed \(seed)")
            if most > 40 { worse += 1 }
        }
        // The dice fall alike now and then.
        #expect(worse <= 4)
    }
}
