import Metrics
import Synchronization

/// A place for metrics that keeps nothing but their names and labels.
final class RecordedLabels: MetricsFactory {
    private let recorded = Mutex<Set<String>>([])

    /// Every name, and every label with its value.
    var texts: Set<String> { recorded.withLock { $0 } }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { note(label, dimensions) }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { note(label, dimensions) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        note(label, dimensions)
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}

    private func note(_ label: String, _ dimensions: [(String, String)]) -> NOOPMetricsHandler {
        recorded.withLock { texts in
            texts.insert(label)
            for (name, value) in dimensions { texts.insert("\(name)=\(value)") }
        }
        return .instance
    }
}
