import HTTPTypes
import Middler
import NIOCore

/// The sign-in form, and the answers that serve a browser and a program alike.
enum DemoForm {
    static func name(of request: DemoRequest) async throws -> String {
        let body = try await request.collectBody(16 * 1024)
        guard let name = FormParameters(parsing: body.readableBytesView)["name"], !name.isEmpty else {
            throw DemoRefusal(message: "Send a form with the field name, as in name=alice.")
        }
        return name
    }

    /// Back to the page for a browser, a line of text for anyone else.
    static func done(_ text: String, _ request: DemoRequest) -> DemoResponse {
        let acceptsHTML = request.headerFields[values: .accept].contains { $0.contains("text/html") }
        if acceptsHTML {
            return DemoResponse(status: .seeOther, headerFields: [.location: "/"])
        }
        return .text("\(text)\n")
    }
}
