import Metrics
public import Modeler
import ServiceLifecycle

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
    /// Returns a stream that yields once, when the session ends, and then finishes: for web sockets and other
    /// connections that must not outlive the session of the request that opened them.
    ///
    /// ```swift
    /// for await _ in manager.endEvents(of: session.id) { try await socket.close() }
    /// ```
    ///
    /// An end by this manager is reported at once, and one by another server too where the store notifies of removals,
    /// as those of this package do: Redis and memory at once, SQLite within a quarter of a second. An expiry is seen
    /// when it comes, by asking the store. Where the store doesn't tell, or can't be
    /// reached, it is asked in intervals. Asking doesn't renew the session: a connection that should keep its session
    /// alive has to touch it.
    ///
    /// The stream finishes without an end when the server that runs the calling task shuts down gracefully, as servers
    /// in a `ServiceGroup` do: Hummingbird's and Middler's. For others call ``finishEndEvents()``. It never fires for a
    /// session that is alive; for one that isn't stored it does at once.
    ///
    /// - Parameter interval: How long an end elsewhere may go unseen where the store doesn't tell. Where it does, it is
    ///   asked ten times less often, for what no removal tells: the user's epoch, and keys that others have deleted.
    public func endEvents(of id: ModelID, pollingEvery interval: Duration = .seconds(30)) -> AsyncStream<SessionEnd> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
            guard let number = endStreams.add(stream, to: id) else { return }
            let task = Self.withoutStoreDeadline {
                // The task inherits the caller's service, whose shutdown ends the stream.
                Task {
                    await withGracefulShutdownHandler {
                        await self.watch(id, every: interval)
                    } onGracefulShutdown: {
                        stream.finish()
                    }
                }
            }
            stream.onTermination = { [endStreams] _ in
                task.cancel()
                endStreams.remove(number, from: id)
            }
        }
    }

    /// Finishes all open streams of ``endEvents(of:pollingEvery:)`` without an end, and those that are opened later at
    /// once: for the shutdown of a server that runs in no `ServiceGroup`.
    public func finishEndEvents() { endStreams.finish() }

    private func watch(_ id: ModelID, every interval: Duration) async {
        let watch = EndWatch()
        let listener = store.endSignals(of: id).map { signals in
            Task {
                for await signal in signals { watch.note(signal) }
                watch.note(.untold)
            }
        }
        defer {
            listener?.cancel()
            watch.stop()
        }
        var failures = 0
        for await _ in watch.looks {
            var remaining: Duration?
            do {
                guard let model = try await store.fetch(id), try await users.confirm(model) else {
                    endStreams.end(id, .elsewhere)
                    return
                }
                remaining = model.lifetime?.remaining
                failures = 0
            } catch  where error.code == .unreadable {
                // Nobody can read it: it is no session any more.
                endStreams.end(id, .elsewhere)
                return
            } catch {
                // The store can't serve or only others can read the record now; neither ends the session.
                failures += 1
            }
            watch.look(
                after: failures > 0
                    ? Self.pause(interval, failures: failures)
                    : Self.pause(interval, isTold: watch.isTold, remaining: remaining))
        }
    }

    /// When to look next. A deadline that nobody moves is looked at when it comes.
    ///
    /// Never inlined: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer of
    /// a duration's arithmetic across a suspension.
    @inline(never)
    private static func pause(_ interval: Duration, isTold: Bool, remaining: Duration?) -> Duration {
        let pause = isTold ? interval * 10 : interval
        return max(min(pause, remaining.map { $0 + .milliseconds(1) } ?? pause), .milliseconds(1))
    }

    /// When to look again after looks that failed: what they should have seen is told no second time. The more failed,
    /// the later, and no two at the same moment.
    @inline(never)
    private static func pause(_ interval: Duration, failures: Int) -> Duration {
        let ceiling = 250 << min(failures - 1, 7)
        return max(min(interval, .milliseconds(Int.random(in: ceiling / 2...ceiling))), .milliseconds(1))
    }
}
