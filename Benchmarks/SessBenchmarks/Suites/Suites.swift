/// The suites that `scripts/bench` offers.
enum Suites {
    static func run(_ options: Options) async throws {
        let report = Report(asJSON: options.isSet("json"))
        let names = options.words.count > 1 ? Array(options.words[1...]) : Array(all)
        for name in names {
            switch name {
            case "client": try await ClientSuite(options, report).run()
            case "record": try await RecordSuite(options, report).run()
            case "middleware": try await MiddlewareSuite(options, report).run()
            case "middler": try await MiddlewareSuite(options, report).runMiddler()
            case "session": try SessionSuite(options, report).run()
            case "scale": try await ScaleSuite(options, report).run()
            default: throw Failure("no suite is called '\(name)'; there are \(all.joined(separator: ", "))")
            }
        }
    }

    static let all = ["client", "record", "middleware", "middler", "session", "scale"]
}
