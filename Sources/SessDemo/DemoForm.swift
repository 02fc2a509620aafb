import HTTPTypes
import Hummingbird

/// The sign-in form, and the answers that serve a browser and a program alike.
enum DemoForm {
    private struct SignIn: Decodable {
        var name: String
    }

    static func name(of request: Request) async throws -> String {
        let body = try await request.body.collect(upTo: 16 * 1024)
        guard let form = try? URLEncodedFormDecoder().decode(SignIn.self, from: String(buffer: body)),
            !form.name.isEmpty
        else {
            throw HTTPError(.badRequest, message: "Send a form with the field name, as in name=alice.")
        }
        return form.name
    }

    /// Back to the page for a browser, a line of text for anyone else.
    static func done(_ text: String, _ request: Request) -> Response {
        let acceptsHTML = request.headers[values: .accept].contains { $0.contains("text/html") }
        if acceptsHTML {
            return Response(status: .seeOther, headers: [.location: "/"])
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "\(text)\n"))
        )
    }
}
