import Hummingbird

/// The parameters that the REST interface takes in a request's query.
enum DemoQuery {
    static func field(_ request: Request) throws -> String {
        guard let field = text(request, "field"), !field.isEmpty, !field.hasPrefix("__"),
            !SessionJSON.reserved.contains(field)
        else {
            throw HTTPError(
                .badRequest,
                message: "Name a field, as in ?field=views; id, rev, created, updated and names with '__' are reserved."
            )
        }
        return field
    }

    static func amount(_ request: Request) throws -> Int {
        guard let text = text(request, "by") else { return 1 }
        guard let amount = Int(text) else {
            throw HTTPError(.badRequest, message: "by is an integer, as in ?field=views&by=2.")
        }
        return amount
    }

    static func delay(_ request: Request) throws -> Duration {
        guard let text = text(request, "ms"), let milliseconds = Int(text), (0...60_000).contains(milliseconds) else {
            throw HTTPError(.badRequest, message: "ms is a number of milliseconds from 0 to 60000, as in ?ms=200.")
        }
        return .milliseconds(milliseconds)
    }

    private static func text(_ request: Request, _ name: Substring) -> String? {
        request.uri.queryParameters[name].map(String.init)
    }
}
