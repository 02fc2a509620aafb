import ArgumentParser

/// Looks whether a store is fit for sessions.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look whether a store is fit for sessions.",
        discussion: """
            It exits with 0 where all is well, with 1 for warnings, and with 2 where sessions don't work. A check \
            that the user's rights don't allow is unknown.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How many sessions are looked at for a deadline.")
    var sample = 1000

    func run() async throws {
        let findings = try await store.use { store in
            switch store.backend {
            case .redis(let client):
                return await RedisDoctor(client: client, store: store, sample: sample).findings()
            case .sqlite(let file):
                return await SQLiteDoctor(file: file, store: store, sample: sample).findings()
            }
        }
        output.write(findings.map(\.row), columns: ["check", "status", "detail"])
        switch findings.map(\.status).max() ?? .ok {
        case .ok, .unknown: return
        case .warning: throw ExitCode(1)
        case .failure: throw ExitCode(2)
        }
    }
}
