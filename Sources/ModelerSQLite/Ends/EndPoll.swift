import GRDB
import Modeler

/// Tells of the ends of a file's models: at once of those by this file's own collections, and by looking, while
/// somebody waits, of those by others.
///
/// SQLite tells nobody of another process's writes. `PRAGMA data_version` tells, without reading the file's content,
/// whether there were any; only then the awaited models are looked for.
final class EndPoll: Sendable {
    /// A model of one of the file's collections.
    struct Key: Hashable, Sendable {
        var collection: String
        var id: ModelID
    }

    let listeners = EndListeners<Key>()
    private let task = Guarded<Task<Void, Never>?>(nil)

    /// How long the end of a model by another process goes unseen at most, but for the time that a look takes.
    static let interval: Duration = .milliseconds(250)
    /// The models looked for in one turn on a connection.
    private static let chunk = 64

    /// The signals of a model. Looking begins with the first who waits and ends with the last.
    func signals(of key: Key, in file: SQLiteFile) -> AsyncStream<EndSignal> {
        let signals = listeners.signals(of: key)
        task.withLock { task in
            guard task == nil, !listeners.isEmpty else { return }
            task = Task.detached { [weak self, weak file] in
                var look = Look()
                while let self, let file, self.goesOn() {
                    await look.next(file, self.listeners)
                    guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
                }
            }
        }
        return signals
    }

    /// Whether nobody looks.
    var isIdle: Bool { task.withLock { $0 == nil } }

    /// Nothing more will be told.
    func finish() {
        task.withLock { $0?.cancel() }
        listeners.finish()
    }

    /// Whether somebody waits. Where not, whoever comes next begins anew.
    private func goesOn() -> Bool {
        task.withLock { task in
            if listeners.isEmpty { task = nil }
            return task != nil
        }
    }

    /// What the looks know from one to the next.
    private struct Look {
        /// The version of the file at the last look that was complete.
        var version: Int64?
        var isTold = true

        mutating func next(_ file: SQLiteFile, _ listeners: EndListeners<Key>) async {
            do {
                // Before the models are looked for: what happens meanwhile gives the next look another version.
                let version = try await file.look { db, _ in try Int64.fetchOne(db, sql: "PRAGMA data_version") }
                if version == nil || version != self.version { try await tellGone(file, listeners) }
                self.version = version
                if !isTold { listeners.tellAll(.told) }
                isTold = true
            } catch {
                version = nil
                if isTold { listeners.tellAll(.untold) }
                isTold = false
            }
        }

        private func tellGone(_ file: SQLiteFile, _ listeners: EndListeners<Key>) async throws {
            let keys = listeners.keys
            for start in stride(from: 0, to: keys.count, by: EndPoll.chunk) {
                let part = keys[start..<min(start + EndPoll.chunk, keys.count)]
                let gone = try await file.look { db, _ in
                    try part.filter { try !ModelTable(collection: $0.collection).contains($0.id, db) }
                }
                for key in gone { listeners.tell(key) }
            }
        }
    }
}
