/// The command line: words, then `--name value` pairs and flags.
struct Options: Sendable {
    private(set) var words: [String] = []
    private var values: [String: String] = [:]
    private static let flags: Set<String> = ["json", "plain-server", "memory", "session", "middler"]

    init(_ arguments: some Sequence<String>) {
        var name: String?
        for argument in arguments {
            if let open = name {
                values[open] = argument
                name = nil
            } else if argument.hasPrefix("--") {
                let flag = String(argument.dropFirst(2))
                if Self.flags.contains(flag) { values[flag] = "" } else { name = flag }
            } else {
                words.append(argument)
            }
        }
    }

    func isSet(_ flag: String) -> Bool { values[flag] != nil }

    func text(_ name: String, _ otherwise: String = "") -> String { values[name] ?? otherwise }

    func number(_ name: String, _ otherwise: Int) -> Int { values[name].flatMap { Int($0) } ?? otherwise }

    func seconds(_ name: String, _ otherwise: Double) -> Duration {
        .seconds(values[name].flatMap { Double($0) } ?? otherwise)
    }
}
