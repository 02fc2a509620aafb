import HTTPTypes
import NIOCore

/// The demo's page.
struct HomePage {
    let node: String
    let visits: Int
    let name: String?

    var response: DemoResponse {
        DemoResponse(
            status: .ok,
            headerFields: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
                .xContentTypeOptions: "nosniff",
            ],
            body: ByteBuffer(string: html)
        )
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>sess demo</title>
        <style>
        body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; }
        strong { font-size: 1.6rem; }
        input, button { font: inherit; padding: .3rem .6rem; }
        footer { color: #666; margin-top: 2rem; }
        </style>
        <h1>sess demo</h1>
        <p><strong id="visits">\(visits)</strong> \(visits == 1 ? "visit" : "visits") in this session</p>
        \(identity)
        <footer>answered by <span id="node">\(Self.escaped(node))</span></footer>
        </html>
        """
    }

    private var identity: String {
        if let name {
            return """
                <form method="post" action="/sign-out">
                Signed in as <span id="name">\(Self.escaped(name))</span>. <button>Sign out</button>
                </form>
                """
        }
        return """
            <form method="post" action="/sign-in">
            <label>Your name <input name="name" required maxlength="100" autocomplete="username"></label>
            <button>Sign in</button>
            </form>
            """
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
