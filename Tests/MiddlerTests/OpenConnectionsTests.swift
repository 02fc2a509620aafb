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
}
