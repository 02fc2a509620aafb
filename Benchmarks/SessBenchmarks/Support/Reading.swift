import Foundation

/// What was used up to a moment: operations, time, this process's CPU and that of another one's main thread.
struct Reading: Sendable {
    var operations: Int
    var time: UInt64
    var cpu: UInt64
    var serverCPU: UInt64

    static func take(operations: Int, serverPID: Int) -> Reading {
        Reading(
            operations: operations, time: now(), cpu: ownCPU(), serverCPU: serverPID > 0 ? cpu(of: serverPID) : 0)
    }

    /// Nanoseconds on the monotonic clock.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func ownCPU() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The CPU of all threads of a process, in nanoseconds; 0 where the system doesn't tell.
    static func cpu(of pid: Int) -> UInt64 {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.reduce(0) { sum, thread in
            let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/schedstat", encoding: .utf8)
            return sum + (text?.split(separator: " ").first.flatMap { UInt64($0) } ?? 0)
        }
    }

    /// The memory of a process that is in use, in KiB.
    static func residentKiB(of pid: Int) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }
}
