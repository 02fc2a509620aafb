import ArgumentParser
import Dispatch
import Foundation
import RedisTestServer

/// Random faults under load on real servers of Redis, and the check of what the load was answered.
@main
struct SessChaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scripts/chaos",
        abstract: "Inflict random faults on Redis under load, and check the histories of all models.",
        discussion: """
            The same seed gives the same schedule of faults and the same choices of the load. What comes of them \
            depends on timing as well. The exit code is 0 for a good verdict, 1 for a bad one.
            """
    )

    enum Topology: String, ExpressibleByArgument, CaseIterable {
        case standalone, sentinel, cluster
    }

    @Option(help: "How long each topology is tried, in minutes; fractions are allowed.")
    var minutes = 2.0

    @Option(help: "Where the schedule and the load begin; a random number unless given.")
    var seed = UInt64.random(in: 1..<(1 << 32))

    @Option(help: "The servers; all kinds, one after the other, unless given.")
    var topology: Topology?

    @Option(help: "The seconds from the end of a fault to the next one, on average.")
    var faultEvery = 2.0

    @Option(help: "The verdict is bad if memory grows by this many MiB in 10 minutes; for runs of at least 20 minutes.")
    var maximumSlope: Double?

    @Option(help: "Lose one in so many acknowledged writes, which has to make the verdict bad.")
    var dropOneIn: Int?

    func validate() throws {
        guard minutes > 0, minutes <= 100_000 else { throw ValidationError("--minutes is a number above 0.") }
        guard dropOneIn ?? 1 > 0 else { throw ValidationError("--drop-one-in is a number above 0.") }
        guard faultEvery > 0, faultEvery <= 3_600 else {
            throw ValidationError("--fault-every is a number of seconds above 0, up to 3600.")
        }
    }

    func run() async throws {
        say("seed \(seed)")
        let isGood = try await interruptible {
            var isGood = true
            for topology in self.topology.map({ [$0] }) ?? Topology.allCases {
                isGood = try await run(topology) && isGood
            }
            return isGood
        }
        if !isGood { throw ExitCode(1) }
    }

    private func run(_ topology: Topology) async throws -> Bool {
        say("── \(topology.rawValue): \(minutes) minutes, a fault every \(faultEvery) s")
        switch topology {
        case .standalone: return try await StandaloneSystem.with(judge(topology))
        case .sentinel: return try await SentinelSystem.with(judge(topology))
        case .cluster: return try await ClusterSystem.with(judge(topology))
        }
    }

    /// Whether the servers are to blame where nothing went on.
    private func state(of system: any ChaosSystem) async -> String {
        do {
            try await system.settle()
            return "the servers serve"
        } catch {
            return "the servers don't serve: \(error)"
        }
    }

    private func judge(_ topology: Topology) -> (any ChaosSystem) async throws -> Bool {
        { system in
            var run = ChaosRun(
                system, seed: seed, length: .milliseconds(Int(minutes * 60_000)), interval: faultEvery,
                dropOneIn: dropOneIn)
            var report: ChaosReport
            do {
                try await run.run()
                report = run.report
                report.checkMemory(maximumSlope: maximumSlope)
            } catch {
                report = run.report
                report.violations.append("the run ended early: \(error); \(await state(of: system))")
            }
            report.show("\(topology.rawValue), seed \(seed)")
            return report.isGood
        }
    }
}

/// Runs `body` in a task that SIGINT and SIGTERM cancel, so that servers are ended also then.
private func interruptible(_ body: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            task.cancel()
            _ = Watchdog(.seconds(20), "the end took too long")
        }
        source.resume()
        return source
    }
    defer { for source in sources { source.cancel() } }
    return try await task.value
}

/// Prints a line at once, also where the output is no terminal.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
