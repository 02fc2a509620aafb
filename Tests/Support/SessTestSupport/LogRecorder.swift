public import Logging
import Synchronization

/// Keeps every line that is logged, with its metadata, and what a test adds.
public final class LogRecorder: Sendable {
    private let recorded = Mutex<[String]>([])
    private let loud = Mutex<[String]>([])

    public init() {}

    public var lines: [String] { recorded.withLock { $0 } }

    /// The lines of the level `error` and above.
    public var errors: [String] { loud.withLock { $0 } }

    public func handler() -> any LogHandler { Handler(recorder: self) }

    public func note(_ line: String) { recorded.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.message) \(metadata) \(event.metadata ?? [:]) \(event.error.map { "\($0)" } ?? "")"
            recorder.note(line)
            if event.level >= .error { recorder.loud.withLock { $0.append(line) } }
        }
    }
}
