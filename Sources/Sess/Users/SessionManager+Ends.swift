public import Modeler

/// How a session ended.
public enum SessionEnd: Sendable, Hashable {
    /// It was destroyed, or its user signed out, by this manager.
    case destroyed
    /// It was revoked by this manager, or found by it to be.
    case revoked
    /// It expired, or ended by another server's doing.
    case elsewhere
}

extension SessionManager {
    /// Tells of a session's end, once, and then ends itself: for web sockets and other connections that must not
    /// outlive the session of the request that opened them.
    ///
    /// ```swift
    /// for await _ in manager.ends(session.id) { try await socket.close() }
    /// ```
    ///
    /// What this manager ends is told at once. An expiry, and what other servers end, is seen by asking the store.
    /// Asking doesn't renew the session: a connection that should keep its session alive has to touch it.
    ///
    /// - Parameter interval: How long an end elsewhere may go unseen. Where the store can't serve, it is asked again
    ///   after as long.
    public func ends(_ id: ModelID, checkedEvery interval: Duration = .seconds(30)) -> AsyncStream<SessionEnd> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
            let number = watchers.add(stream, to: id)
            let task = Task { await self.watch(id, every: interval) }
            stream.onTermination = { [watchers] _ in
                task.cancel()
                watchers.remove(number, from: id)
            }
        }
    }

    private func watch(_ id: ModelID, every interval: Duration) async {
        while !Task.isCancelled {
            var pause = interval
            do {
                guard let model = try await fetch(id), try await confirmOwner(model) else {
                    watchers.end(id, .elsewhere)
                    return
                }
                // A deadline that nobody moves is looked at when it comes.
                if let remaining = model.lifetime?.remaining { pause = min(pause, remaining + .milliseconds(1)) }
            } catch {
                // The store can't serve or the record can't be read now; neither ends the session.
            }
            // Cancelled, the loop ends.
            try? await Task.sleep(for: max(pause, .milliseconds(1)))
        }
    }
}
