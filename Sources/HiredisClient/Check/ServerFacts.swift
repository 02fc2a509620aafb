import RESP

/// What a server says of itself, by the names of INFO.
struct ServerFacts: Sendable {
    private var values: [String: String] = [:]
    /// The setting `cluster-require-full-coverage`, where it is known.
    var requiresFullCoverage: Bool?

    init() {}

    /// Reads the answer to INFO.
    init(information: String) {
        for line in information.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("#") else { continue }
            values[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
    }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func integer(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
}
