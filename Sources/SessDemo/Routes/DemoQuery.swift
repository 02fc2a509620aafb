import Middler

/// The parameters that the REST interface takes in a request's query.
enum DemoQuery {
    static func field(_ request: DemoRequest) throws -> String {
        guard let field = request.query["field"], !field.isEmpty, !field.hasPrefix("__"),
            !SessionJSON.reserved.contains(field)
        else {
            throw DemoRefusal(
                message: "Name a field, as in ?field=views; id, rev, created, updated and names with '__' are reserved."
            )
        }
        return field
    }

    static func amount(_ request: DemoRequest) throws -> Int {
        guard let text = request.query["by"] else { return 1 }
        guard let amount = Int(text) else {
            throw DemoRefusal(message: "by is an integer, as in ?field=views&by=2.")
        }
        return amount
    }

    static func delay(_ request: DemoRequest) throws -> Duration {
        guard let text = request.query["ms"], let milliseconds = Int(text), (0...60_000).contains(milliseconds)
        else {
            throw DemoRefusal(message: "ms is a number of milliseconds from 0 to 60000, as in ?ms=200.")
        }
        return .milliseconds(milliseconds)
    }
}
