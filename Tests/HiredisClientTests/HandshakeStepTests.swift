import RESP
import Testing

@testable import HiredisClient

/// The reply that these bytes are.
func machineReply(_ text: String) -> RESPReply {
    // The bytes are the tests' own.
    guard var reader = try? RESPReader() else { preconditionFailure("no memory") }
    Array(text.utf8).withUnsafeBytes { bytes in
        try? reader.feed(bytes)
        _ = try? reader.next()
    }
    return reader.take().reply
}

@Suite("What a connection needs of its handshake")
struct HandshakeStepTests {
    @Test(
        "D13 A refused name or PING is no reason to refuse the connection",
        arguments: [
            "-NOPERM User app has no permissions to run the 'ping' command", "-ERR unknown command 'CLIENT'",
            "-ERR unsupported command 'CLIENT'", "-ERR unknown subcommand 'SETNAME'. Try CLIENT HELP.",
            "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        ])
    func dispensable(answer: String) {
        #expect(HandshakeStep.name.refusal(by: machineReply(answer + "\r\n")) == nil)
        #expect(HandshakeStep.ping.refusal(by: machineReply(answer + "\r\n")) == nil)
        #expect(HandshakeStep.select.refusal(by: machineReply(answer + "\r\n")) != nil)
        #expect(HandshakeStep.authenticate.refusal(by: machineReply(answer + "\r\n")) != nil)
    }

    @Test(
        "D5 A server that serves nobody is refused at whatever step it says so",
        arguments: [
            "-LOADING Redis is loading the dataset in memory", "-NOAUTH Authentication required.",
            "-MASTERDOWN Link with MASTER is down", "-BUSY Redis is busy running a script.",
            "-ERR max number of clients reached", "-DENIED Redis is running in protected mode", ":1",
        ])
    func indispensable(answer: String) {
        for step in [HandshakeStep.authenticate, .name, .select, .ping] {
            #expect(step.refusal(by: machineReply(answer + "\r\n"))?.code == .connectFailed, "\(step)")
        }
    }
}
