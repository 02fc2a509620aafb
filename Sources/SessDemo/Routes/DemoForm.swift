import HTTPTypes
import Middler
import NIOCore

/// The sign-in form, and the answers that serve a browser and a program alike.
enum DemoForm {
    static func name(of request: DemoRequest) async throws -> String {
        guard let name = try await field("name", of: request) else {
            throw DemoRefusal(message: "Send a form with the field name, as in name=alice.")
        }
        return name
    }

    /// A field of a form; `nil` where it is missing or empty.
    static func field(_ name: String, of request: DemoRequest) async throws -> String? {
        let body = try await request.collectBody(16 * 1024)
        guard let value = FormParameters(parsing: body.readableBytesView)[name], !value.isEmpty else { return nil }
        return value
    }

    /// Back to the page for a browser, a line of text for anyone else.
    static func done(_ text: String, _ request: DemoRequest) -> DemoResponse {
        if request.acceptsHTML {
            return DemoResponse(status: .seeOther, headerFields: [.location: "/"])
        }
        return .text("\(text)\n")
    }
}
