/// The benchmarks: the load programs, which `scripts/bench` runs beside those in C, and the suites that run them.
@main
struct SessBenchmarks {
    static func main() async throws {
        let options = Options(CommandLine.arguments.dropFirst())
        switch options.words.first {
        case "load": try await ClientLoad.run(options)
        case "server": try await ServerProgram.run(options)
        case "growth": try await GrowthLoad.run(options)
        case "session": try await SessionMicro.run(options)
        case "json": try JSONMicro.run(options)
        case "suite": try await Suites.run(options)
        case "plot": try Plot.run(options)
        default: throw Failure("load, server, growth, session, json, suite or plot")
        }
    }
}
