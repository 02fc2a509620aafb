import Foundation
import RedisTestServer

/// Ends the program, and the servers with it, unless it is cancelled in time.
struct Watchdog {
    private let task: Task<Void, Never>

    init(_ time: Duration, _ message: String) {
        task = Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            say("verdict: BAD: \(message)")
            RedisTestServer.killAll()
            _exit(1)
        }
    }

    func cancel() { task.cancel() }
}
