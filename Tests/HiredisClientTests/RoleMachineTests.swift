import Testing

@testable import HiredisClient

@Suite("The machine and the server's role")
struct RoleMachineTests {
    @Test("T16 A replica is refused in the handshake, and the error names its master")
    func handshake() {
        var harness = MachineHarness()
        _ = harness.machine.demand()
        _ = harness.machine.connected([.role, .ping], origin: 1)
        #expect(harness.receive(MachineHarness.replica) == "close connectFailed")
        let reply = HandshakeStep.role.refusal(by: machineReply(MachineHarness.replica))
        let cause = reply?.underlying as? RedisError
        #expect(cause?.code == .server(.readOnly))
        #expect(cause?.message == "the server is a replica (master at 10.0.0.1:6379), not a master")
    }

    @Test("T16 A Sentinel is refused, and a server that doesn't tell its role is not")
    func others() {
        let sentinel = HandshakeStep.role.refusal(by: machineReply("*2\r\n$8\r\nsentinel\r\n*0\r\n"))
        #expect("\(String(describing: sentinel))".contains("Sentinel"))
        for answer in [
            MachineHarness.master, "-NOPERM User app has no permissions to run the 'role' command\r\n",
            "-ERR unknown command 'ROLE', with args beginning with: \r\n", "+OK\r\n",
        ] {
            #expect(HandshakeStep.role.refusal(by: machineReply(answer)) == nil, "\(answer)")
        }
        for answer in ["-LOADING Redis is loading the dataset in memory\r\n", "-NOAUTH Authentication required.\r\n"] {
            #expect(HandshakeStep.role.refusal(by: machineReply(answer)) != nil, "\(answer)")
        }
    }

    @Test("T16 The role is asked in front of a command once it was not for an interval, and not before")
    func interval() {
        var harness = MachineHarness { $0.roleCheckInterval = 100_000_000 }
        harness.makeMasterReady()
        harness.submit("a")
        _ = harness.advance(milliseconds: 99)
        harness.submit("b")
        _ = harness.advance(milliseconds: 1)
        harness.submit("c")
        harness.submit("d")
        harness.flush()
        #expect(harness.written == ["a", "b", "ROLE", "c", "d"])
        #expect(harness.receive("+1\r\n+2\r\n" + MachineHarness.master + "+3\r\n+4\r\n") == "none")
        #expect(harness.completed == ["a = 1", "b = 2", "c = 3", "d = 4"])
    }

    @Test("T16 What waited to be sent goes behind a role check, too")
    func waiting() {
        var harness = MachineHarness { $0.roleCheckInterval = 100_000_000 }
        harness.makeMasterReady()
        harness.machine.isWritable = false
        harness.submit("a")
        _ = harness.advance(milliseconds: 100)
        harness.machine.isWritable = true
        harness.sendWaiting()
        #expect(harness.written == ["ROLE", "a"])
    }

    @Test("T16 A replica's answers are not used: reads go again, a write's outcome is unknown, a refusal is one")
    func demoted() {
        var harness = MachineHarness { $0.roleCheckInterval = 100_000_000 }
        harness.makeMasterReady()
        harness.submit("before")
        _ = harness.advance(milliseconds: 100)
        harness.submit("read", retry: .always)
        harness.submit("write")
        harness.submit("refused")
        harness.flush()
        #expect(harness.receive("+0\r\n" + MachineHarness.replica) == "none")
        harness.submit("new")
        #expect(harness.receive("+1\r\n+2\r\n-READONLY You can't write\r\n") == "close server(READONLY)")
        #expect(
            harness.takeCompleted().map { $0.prefix(22) } == [
                "before = 0", "write: outcomeUnknown", "refused = READONLY You",
            ])
        #expect(harness.lose() == "reconnect")
        #expect(harness.completed == [])
        #expect(harness.waitingNames == ["new", "read"])
    }

    @Test("T16 A server that doesn't tell its role is asked once for each connection")
    func untold() {
        var harness = MachineHarness { $0.roleCheckInterval = 100_000_000 }
        _ = harness.machine.demand()
        _ = harness.machine.connected([.role, .ping], origin: 7)
        _ = harness.receive("-NOPERM no\r\n+PONG\r\n")
        _ = harness.advance(milliseconds: 5_000)
        harness.submit("a")
        #expect(harness.written == ["a"])
    }

    @Test("W4 Another answer to a role check than a role ends the connection")
    func shifted() {
        var harness = MachineHarness { $0.roleCheckInterval = 100_000_000 }
        harness.makeMasterReady()
        _ = harness.advance(milliseconds: 100)
        harness.submit("a")
        harness.flush()
        #expect(harness.receive("+1\r\n") == "close protocolError")
    }
}
