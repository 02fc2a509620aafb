import NIOCore
import NIOEmbedded
import SessTestSupport
import Testing

@testable import Middler

/// What a server waits for.
@Suite struct OpenConnectionsTests {
    @Test("A stop that begins after the wait for the last connection does not end that wait")
    func stopWhileWaiting() async throws {
        let channel = NIOAsyncTestingChannel()
        let connection = try await channel.testingEventLoop.executeInContext {
            try Connection.make(channel, HTTPServer.Configuration(port: 0))
        }
        let connections = OpenConnections(maximum: 10)
        connections.add(connection)
        connections.endAccepting()
        let isOver = Flag()
        let waiting = Task {
            await connections.waitForEnd()
            isOver.raise()
        }
        try await eventually { connections.isWaitedFor }
        connections.quiesce()
        try await Task.sleep(for: .milliseconds(50))
        #expect(!isOver.isRaised)
        connections.remove(connection)
        await waiting.value
        #expect(isOver.isRaised)
        try? await channel.close()
    }

    @Test("Connections that nobody took before accepting ended are closed, as are those that come later")
    func untaken() async throws {
        let connections = OpenConnections(maximum: 10)
        let channels = (0..<3).map { _ in NIOAsyncTestingChannel() }
        var made: [Connection] = []
        for channel in channels {
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
            made.append(
                try await channel.testingEventLoop.executeInContext {
                    try Connection.make(channel, HTTPServer.Configuration(port: 0))
                })
        }
        connections.accept(made[0])
        connections.add(made[0])
        connections.accept(made[1])
        connections.endAccepting()
        connections.accept(made[2])
        for channel in channels { await channel.testingEventLoop.run() }
        #expect(channels.map(\.isActive) == [true, false, false])
        connections.closeAll()
        await channels[0].testingEventLoop.run()
        #expect(!channels[0].isActive)
        connections.remove(made[0])
        await connections.waitForEnd()
    }
}
