import Foundation
import HTTPTypes
import Modeler
import NIOCore

/// The demo's page. It works as it comes, by forms; ``DemoScript`` keeps it up to date.
struct HomePage {
    let state: DemoState
    let visits: Int

    var response: DemoResponse {
        DemoResponse(
            status: .ok,
            headerFields: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy: """
                default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
                base-uri 'none'; frame-ancestors 'none'
                """,
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
        <meta name="color-scheme" content="light dark">
        <title>sess demo</title>
        <link rel="stylesheet" href="/demo.css">
        <script src="/demo.js" defer></script>
        <header>
        <h1>sess</h1>
        <p><strong id="visits">\(visits)</strong> \(visits == 1 ? "visit" : "visits") in this session</p>
        <p class="node">answered by <b id="node">\(Self.escaped(state.node))</b></p>
        </header>
        <p id="banner" role="status" hidden></p>
        <main>
        <section>
        <h2>You</h2>
        \(identity)
        </section>
        \(session)
        \(devices)
        \(writers)
        \(fields)
        </main>
        </html>
        """
    }

    private var identity: String {
        if let name = state.user {
            return """
                <form method="post" action="/sign-out">
                <p>Signed in as <b id="name">\(Self.escaped(name))</b>. <button>Sign out</button></p>
                </form>
                """
        }
        return """
            <form method="post" action="/sign-in">
            <label>Your name <input name="name" required maxlength="100" autocomplete="username"></label>
            <button class="main">Sign in</button>
            </form>
            <p class="hint">Any name will do. A sign-in replaces the token and keeps the session's fields.</p>
            """
    }

    private var session: String {
        guard let id = state.id else {
            return "<section><h2>This session</h2><p>This request takes no part in sessions.</p></section>"
        }
        return """
            <section>
            <h2>This session</h2>
            <dl>
            <dt>Id, which is no secret</dt><dd><code id="id">\(Self.escaped(id))</code></dd>
            <dt>Age</dt><dd id="age">\(Int(state.age)) s</dd>
            </dl>
            \(bar("idle", "Idle timeout", state.idleRemaining, of: state.idleTimeout))
            \(bar("absolute", "Absolute timeout", state.absoluteRemaining, of: state.absoluteTimeout))
            <form method="post" action="/session/rotate" data-live>
            <button>Rotate the token</button> <span class="hint" id="rotated"></span>
            </form>
            </section>
            """
    }

    private func bar(_ id: String, _ label: String, _ remaining: Double?, of timeout: Double?) -> String {
        guard let remaining, let timeout else { return "<p>\(label): none</p>" }
        return """
            <label class="bar">\(label): <span id="\(id)-text">\(Int(remaining)) s of \(Int(timeout)) s</span>
            <progress id="\(id)" max="\(Int(timeout))" value="\(Int(remaining))"></progress></label>
            """
    }

    private var devices: String {
        guard state.user != nil else { return "" }
        let items = state.devices.map { device in
            """
            <li><span>\(Self.escaped(device.name))\
            <small>\(device.isCurrent ? "this one" : "seen \(Int(device.lastSeen)) s ago")</small></span>\
            \(device.isCurrent ? "" : revocation(device.id))</li>
            """
        }
        return """
            <section>
            <h2>Devices</h2>
            <ul id="devices">\(items.joined())</ul>
            <form method="post" action="/devices/revoke-others" data-live><button>Revoke all others</button></form>
            <p class="hint">A session that is revoked here learns it at once, on whichever node it is.</p>
            </section>
            """
    }

    private func revocation(_ id: String) -> String {
        """
        <form method="post" action="/devices/revoke" data-live>\
        <input type="hidden" name="id" value="\(Self.escaped(id))">\
        <button>Revoke</button></form>
        """
    }

    private var writers: String {
        guard state.id != nil else { return "" }
        return """
            <section>
            <h2>20 writers at once</h2>
            <div class="counts">
            <p><output id="exact">\(state.exact)</output><small>counted by <code>increment</code></small></p>
            <p><output id="naive">\(state.naive)</output><small>by load, modify, save</small></p>
            </div>
            <p><button id="write" class="main" type="button">\
            Send 20 requests\(state.hasPeer ? " to two nodes" : "")</button></p>
            <form method="post" action="/writers/reset" data-live><button>Begin at 0</button></form>
            <noscript><p class="hint">The writers are sent by a script, which this browser doesn't run.</p></noscript>
            <p class="hint" id="written">Both add 1 for each of 20 parallel requests.</p>
            </section>
            """
    }

    private var fields: String {
        guard state.id != nil else { return "" }
        let rows = state.fields.map { name, value in
            "<tr><th>\(Self.escaped(name))<td><code>\(Self.escaped(value.description))</code>"
        }
        return """
            <section>
            <h2>Fields</h2>
            <table id="fields"><tbody>\(rows.joined())</tbody></table>
            <form id="set"><label>Name <input name="name" required maxlength="60"></label>
            <label>Value <input name="value" required maxlength="200"></label> <button>Set</button></form>
            </section>
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
