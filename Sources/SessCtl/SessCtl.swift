import ArgumentParser
import Logging

/// An operator's tool: looks at sessions and ends them, in Redis, by Sentinel, in a cluster, and in a SQLite file.
@main
struct SessCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessctl",
        abstract: "Look at sessions and end them.",
        discussion: """
            Without --store the environment says where sessions are: REDIS_URL, REDIS_PASSWORD, REDIS_SENTINEL_NODES \
            and the other keys of the configuration, and SESSION_STORE_ENCRYPTION_KEYS where values are sealed.

            It takes ids of sessions, never tokens or cookies. What destroys shows what it would do, and does it with \
            --yes; a line for the audit goes to the standard error.

            It exits with 0, with 1 where doctor has warnings, and with 2 for errors.
            """,
        subcommands: [
            DoctorCommand.self, StatsCommand.self, TopCommand.self, ListCommand.self, ShowCommand.self,
            EndCommand.self, WatchCommand.self, ACLCommand.self, BackupCommand.self, RestoreCommand.self,
            BenchCommand.self,
        ]
    )

    static func main() async {
        // Errors are told once, by the command that they end.
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        await main(nil)
    }
}
