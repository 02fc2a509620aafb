import Logging
import Middler
import ServiceLifecycle
import SessTestSupport
import Synchronization

/// A server that runs in a task of its own.
final class StoppableRun: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, Never>
    private let end = Flag()

    init(_ server: HTTPServer, logger: Logger) {
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        self.group = group
        task = Task { [end] in
            // Cancelled, it throws.
            try? await group.run()
            end.raise()
        }
    }

    var hasEnded: Bool { end.isRaised }

    func stopGracefully() async { await group.triggerGracefulShutdown() }

    func cancel() { task.cancel() }
}

/// Keeps what is logged.
final class RecordedLog: Sendable {
    private let texts = Mutex<[String]>([])

    var messages: [String] { texts.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.texts.withLock { $0.append("\(event.message)") }
        }
    }
}
