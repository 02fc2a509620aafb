import HTTPTypes
import Hummingbird
import Modeler
import NIOCore
import Sess
import SessHummingbird

/// A connection that stays open.
protocol Socket: Sendable {
    /// Serves until either side closes.
    func run() async
    func close() async
}

// snippet: web-socket
func serve(_ socket: some Socket, session id: ModelID, manager: SessionManager) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await socket.run() }
        group.addTask {
            for await _ in manager.endEvents(of: id) {}
            await socket.close()
        }
        group.addTask {
            while (try? await Task.sleep(for: .seconds(300))) != nil {
                try? await manager.unauthorizedSession(id: id)?.touch()
            }
        }
        await group.next()
        group.cancelAll()
    }
}
// end

func addEvents(to router: Router<some SessRequestContext>, manager: SessionManager) {
    // snippet: server-sent-events
    router.get("events") { _, context in
        let session = context.session
        // An EventSource stops to ask for a 204.
        guard session.userID != nil else { return Response(status: .noContent) }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                let (ticks, clock) = AsyncStream.makeStream(of: Void.self)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await _ in manager.endEvents(of: session.id) {}
                        clock.finish()
                    }
                    group.addTask {
                        while true {
                            clock.yield()
                            try await Task.sleep(for: .seconds(25))
                        }
                    }
                    for await _ in ticks {
                        try await session.touch()
                        try await writer.write(ByteBuffer(string: "event: alive\ndata: \(session.revision)\n\n"))
                    }
                    group.cancelAll()
                }
                try await writer.finish(nil)
            })
    }
    // end
}
