import RESP
import Testing

@testable import HiredisClient

@Suite("The machine of the connection for subscriptions")
struct SubscriptionMachineTests {
    /// Drives a machine with texts, and records what it says.
    private struct Harness: ~Copyable {
        var machine = SubscriptionMachine()
        var signals: [String] = []

        mutating func receive(_ text: String) -> String {
            var said: [String] = []
            let directive = Array(text.utf8).withUnsafeBytes { bytes in
                machine.received(bytes) { said.append("\($0) \($1)") }
            }
            signals += said
            return Self.text(directive)
        }

        mutating func lose() -> UInt64? {
            var said: [String] = []
            let directive = machine.lost(RedisError(.connectionClosed, "test")) { said.append("\($0) \($1)") }
            signals += said
            if case .reconnect(let delay) = directive { return delay }
            return nil
        }

        mutating func makeReady() {
            _ = machine.connected([.ping])
            _ = receive("+PONG\r\n")
        }

        mutating func takeSignals() -> [String] {
            defer { signals = [] }
            return signals
        }

        /// What is to be sent, each command as one word with its arguments.
        mutating func sent() -> [String] {
            let lines = String(decoding: machine.takeOutgoing(), as: UTF8.self).split(separator: "\r\n")
            return lines.filter { !$0.hasPrefix("$") && !$0.hasPrefix("*") }.map(String.init)
        }

        static func text(_ directive: SubscriptionMachine.Directive) -> String {
            switch directive {
            case .none: "none"
            case .connect: "connect"
            case .reconnect: "reconnect"
            case .close(let error): "close \(error.code)"
            }
        }

        static func answer(_ kind: String, _ channel: String) -> String {
            "*3\r\n$\(kind.utf8.count)\r\n\(kind)\r\n$\(channel.utf8.count)\r\n\(channel)\r\n:1\r\n"
        }

        static func message(_ channel: String) -> String {
            "*3\r\n$7\r\nmessage\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$1\r\nx\r\n"
        }
    }

    @Test("It connects at the first subscription, confirms before it tells, and tells of each message")
    func subscribes() {
        var harness = Harness()
        #expect(harness.machine.want("a").map { Harness.text($0.directive) } == "connect")
        #expect(harness.machine.want("b").map { Harness.text($0.directive) } == "none")
        harness.makeReady()
        #expect(Set(harness.sent()) == ["SUBSCRIBE", "a", "b"])
        #expect(harness.takeSignals() == [])
        #expect(harness.receive(Harness.answer("subscribe", "a")) == "none")
        #expect(harness.receive(Harness.message("a") + Harness.message("b")) == "none")
        #expect(harness.takeSignals() == ["a told", "a told"])
        #expect(harness.machine.want("a")?.isTold == true)
        #expect(harness.machine.want("b")?.isTold == false)
    }

    @Test("A lost connection is told, and all is subscribed again on the next")
    func reconnects() {
        var harness = Harness()
        _ = harness.machine.want("a")
        harness.makeReady()
        _ = harness.sent()
        _ = harness.receive(Harness.answer("subscribe", "a"))
        _ = harness.takeSignals()
        let delay = harness.lose()
        #expect(delay.map { $0 <= Backoff().first } == true)
        #expect(harness.takeSignals() == ["a untold"])
        #expect(harness.machine.want("a")?.isTold == false)
        #expect(Harness.text(harness.machine.reconnect()) == "connect")
        harness.makeReady()
        #expect(harness.sent() == ["SUBSCRIBE", "a"])
        _ = harness.receive(Harness.answer("subscribe", "a"))
        #expect(harness.takeSignals() == ["a told"])
    }

    @Test("A channel that was given up and wanted again is told only by the last answer; one given up is forgotten")
    func changesItsMind() {
        var harness = Harness()
        _ = harness.machine.want("a")
        harness.makeReady()
        harness.machine.unwant("a")
        _ = harness.machine.want("a")
        #expect(harness.sent() == ["SUBSCRIBE", "a", "UNSUBSCRIBE", "a", "SUBSCRIBE", "a"])
        _ = harness.receive(Harness.answer("subscribe", "a") + Harness.answer("unsubscribe", "a"))
        #expect(harness.takeSignals() == [])
        _ = harness.receive(Harness.answer("subscribe", "a"))
        #expect(harness.takeSignals() == ["a told"])
        harness.machine.unwant("a")
        _ = harness.receive(Harness.answer("unsubscribe", "a"))
        #expect(harness.machine.channelCount == 0)
        #expect(harness.receive(Harness.answer("unsubscribe", "a")) == "close protocolError")
    }

    @Test("A server that refuses is left alone for longer; a silent one is given up")
    func refusals() {
        var harness = Harness()
        _ = harness.machine.want("a")
        harness.makeReady()
        #expect(harness.receive("-NOPERM no channels for you\r\n") == "close server(NOPERM)")
        #expect(harness.lose().map { $0 >= 10_000_000_000 } == true)
        #expect(harness.takeSignals() == ["a untold"])
        _ = harness.machine.reconnect()
        harness.makeReady()
        #expect(Harness.text(harness.machine.ping()) == "none")
        #expect(harness.sent().last == "PING")
        #expect(Harness.text(harness.machine.ping()) == "close connectionClosed")
    }

    @Test("What comes in one piece, as behind TLS, may be longer than a step of the reader")
    func longPiece() {
        var harness = Harness()
        _ = harness.machine.want("a")
        harness.makeReady()
        _ = harness.receive(Harness.answer("subscribe", "a"))
        _ = harness.takeSignals()
        let message = Harness.message("a")
        let count = 2 * RESPReader.maximumStep / message.utf8.count + 1
        #expect(harness.receive(String(repeating: message, count: count)) == "none")
        #expect(harness.takeSignals().count == count)
    }

    @Test("Channels are bounded")
    func bounded() {
        var harness = Harness()
        for number in 0..<SubscriptionMachine.maximumChannels { _ = harness.machine.want("\(number)") }
        #expect(harness.machine.want("one more") == nil)
        #expect(harness.machine.want("5") != nil)
    }
}
