import DequeModule
import RESP

@testable import HiredisClient

/// Drives a connection machine with texts and a clock that stands still, and records what it completes.
struct MachineHarness: ~Copyable {
    typealias Machine = ConnectionMachine<String>

    var machine: Machine
    var now: UInt64 = 1_000_000_000
    var written: [String] = []
    var completed: [String] = []
    private var lastID: UInt64 = 0

    init(_ change: (inout Machine.Settings) -> Void = { _ in }) {
        var settings = Machine.Settings()
        change(&settings)
        machine = Machine(settings: settings)
    }

    /// Brings the machine to a connection that is ready.
    mutating func makeReady() {
        _ = machine.demand()
        _ = machine.connected([.ping], origin: 7)
        _ = receive("+PONG\r\n")
    }

    /// Brings the machine to a connection to a master.
    mutating func makeMasterReady() {
        _ = machine.demand()
        _ = machine.connected([.role, .ping], origin: 7)
        _ = receive(MachineHarness.master + "+PONG\r\n")
    }

    static let master = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
    static let replica = "*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:6379\r\n$9\r\nconnected\r\n:5\r\n"

    /// Submits ECHO `name` for the waiter `name`. Returns its id.
    @discardableResult
    mutating func submit(
        _ name: String,
        retry: RetryPolicy = .ifNotSent,
        timeout: UInt64 = 2_000_000_000,
        commands: Int = 1
    ) -> UInt64 {
        lastID += 1
        let request = RESPRequest.build { encoder in
            for _ in 0..<commands {
                encoder.command("ECHO", argumentCount: 2)
                encoder.argument(name)
            }
        }
        let command = PendingCommand(id: lastID, request: request, retry: retry, timeout: timeout, waiter: name)
        var requests: [String] = []
        let submission = machine.submit(command, now: now) { requests.append(MachineHarness.name($0)) }
        written += requests
        switch submission {
        case .sent: break
        case .wait(let connects): if connects { written.append("connect") }
        case .refuse(let error): completed.append("\(name): \(error.code)")
        }
        return lastID
    }

    var phase: Machine.Phase { machine.phase }
    var nextDeadline: UInt64 { machine.nextDeadline }
    var commandCount: Int { machine.commandCount }
    var keptBytes: Int { machine.inFlight.byteCount }
    var keepsServerWaiting: Bool { machine.keepsServerWaiting }
    var waitingNames: [String] { machine.waiting.all.compactMap(\.waiter) }

    mutating func reconnect() -> String { MachineHarness.text(machine.reconnect()) }

    mutating func flush() { machine.flushed() }

    mutating func sendWaiting() {
        var requests: [String] = []
        _ = machine.sendWaiting(now: now) { requests.append(MachineHarness.name($0)) }
        written += requests
    }

    mutating func receive(_ text: String) -> String {
        var log: [String] = []
        let directive = Array(text.utf8).withUnsafeBytes { bytes in
            machine.received(bytes, now: now) { log.append(MachineHarness.text($0, $1)) }
        }
        completed += log
        return MachineHarness.text(directive)
    }

    mutating func lose() -> String {
        var log: [String] = []
        let directive = machine.lost(RedisError(.connectionClosed, "test"), now: now) {
            log.append(MachineHarness.text($0, $1))
        }
        completed += log
        return MachineHarness.text(directive)
    }

    mutating func advance(milliseconds: UInt64) -> String {
        now += milliseconds * 1_000_000
        var log: [String] = []
        let directive = machine.timer(now: now) { log.append(MachineHarness.text($0, $1)) }
        completed += log
        return MachineHarness.text(directive)
    }

    func witnessed(_ isAnswered: Bool) -> String { MachineHarness.text(machine.witnessed(isAnswered)) }

    mutating func cancel(_ ids: Set<UInt64>) {
        var log: [String] = []
        machine.cancel(ids) { log.append(MachineHarness.text($0, $1)) }
        completed += log
    }

    mutating func shutDown(afterMilliseconds: UInt64) -> String {
        var log: [String] = []
        let directive = machine.shutDown(deadline: now + afterMilliseconds * 1_000_000) {
            log.append(MachineHarness.text($0, $1))
        }
        completed += log
        return MachineHarness.text(directive)
    }

    /// What was completed since the last call.
    mutating func takeCompleted() -> [String] {
        defer { completed = [] }
        return completed
    }

    private static func name(_ request: RESPRequest) -> String {
        String(decoding: request.bytes, as: UTF8.self).split(separator: "\r\n").last.map(String.init) ?? ""
    }

    private static func text(_ waiter: String, _ result: Result<RESPReplies, RedisError>) -> String {
        switch result {
        case .success(let replies):
            let all = (0..<replies.count).map { replies[$0].string ?? replies[$0].integer.map { "\($0)" } ?? "-" }
            return "\(waiter) = \(all.joined(separator: ","))"
        case .failure(let error): return "\(waiter): \(error.code)"
        }
    }

    private static func text(_ directive: Machine.Directive) -> String {
        switch directive {
        case .none: "none"
        case .connect: "connect"
        case .reconnect: "reconnect"
        case .close(let error): "close \(error.code)"
        case .seekWitness: "seek witness"
        case .stop: "stop"
        }
    }
}
