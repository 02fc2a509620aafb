import HTTPTypes
import Modeler
import NIOCore
import Sess

extension DemoRoutes {
    /// Ends of a user's other sessions, and the news of them.
    var devices: [DemoRoute] {
        [
            DemoRoute(method: .post, path: "/devices/revoke") { request in
                guard let user = request.session.userID else { throw DemoRefusal(message: "Sign in first.") }
                guard let id = try await DemoForm.field("id", of: request).flatMap({ try? ModelID($0) }) else {
                    throw DemoRefusal(message: "Send a form with the session's id, as in id=….")
                }
                try await manager.revoke(id, of: user)
                return DemoForm.done("revoked", request)
            },
            DemoRoute(method: .post, path: "/devices/revoke-others") { request in
                guard request.session.userID != nil else { throw DemoRefusal(message: "Sign in first.") }
                try await manager.revokeOthers(than: request.session)
                return DemoForm.done("revoked", request)
            },
        ]
    }

    /// Tells a browser when its session ends, whichever server ends it. Keeps no session alive: the page asks for that
    /// by itself when somebody uses it.
    func events(_ session: Session) -> DemoResponse {
        // An EventSource stops to ask for a 204.
        guard !session.isDetached, !session.isNew else { return DemoResponse(status: .noContent) }
        let (pieces, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(8))
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await end in manager.endEvents(of: session.id) {
                        continuation.yield(ByteBuffer(string: "event: ended\ndata: \(end)\n\n"))
                    }
                }
                group.addTask {
                    continuation.yield(ByteBuffer(string: "retry: 1000\nevent: node\ndata: \(node.oneLine)\n\n"))
                    // A proxy between closes a connection on which nothing comes.
                    while (try? await Task.sleep(for: .seconds(15))) != nil {
                        continuation.yield(ByteBuffer(string: ": alive\n\n"))
                    }
                }
                await group.next()
                group.cancelAll()
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return DemoResponse(
            headerFields: [.contentType: "text/event-stream", .cacheControl: "no-store"], stream: pieces)
    }
}

extension String {
    /// The text without line breaks, which end a line of an event.
    fileprivate var oneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
