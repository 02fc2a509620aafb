import Foundation
public import Modeler
import RedisTestServer

/// Chromium without a display, driven by its WebDriver (W3C WebDriver).
public struct WebDriver: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let port: Int
    private let client = TestHTTPClient()

    /// Runs `body` with a driver of its own, and ends it and its browsers afterwards.
    public static func run(_ body: (WebDriver) async throws -> Void) async throws {
        let driver = WebDriver(port: try freePort())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["chromedriver", "--port=\(driver.port)", "--log-level=OFF"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        try await waitUntil {
            (try? await driver.ask(.get("/status")))?["ready"] == true
        }
        try await body(driver)
    }

    /// Runs `body` with a window of a browser that has no cookies yet.
    public func withWindow(
        width: Int = 1100, height: Int = 900, isDark: Bool = false, _ body: (WebWindow) async throws -> Void
    ) async throws {
        var arguments = [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--window-size=\(width),\(height)",
        ]
        if isDark { arguments.append("--blink-settings=preferredColorScheme=0") }
        let list = arguments.map { "\"\($0)\"" }.joined(separator: ",")
        let session = try await ask(
            .post(
                "/session",
                json: """
                    {"capabilities":{"alwaysMatch":{"browserName":"chrome","goog:chromeOptions":{"args":[\(list)]}}}}
                    """))
        guard case .string(let id) = session["sessionId"] else { throw Failure(description: "no window: \(session)") }
        let window = WebWindow(driver: self, path: "/session/\(id)")
        do {
            try await body(window)
        } catch {
            _ = try? await ask(.delete(window.path))
            throw error
        }
        _ = try await ask(.delete(window.path))
    }

    /// The value that an answer has.
    func ask(_ request: TestRequest) async throws -> JSONValue {
        let response = try await client.send(request, to: port, keepsConnection: false, within: .seconds(120))
        guard response.status == 200 else {
            throw Failure(
                description: "\(request.method) \(request.path): \(response.status) \(response.text.prefix(300))")
        }
        return response.json["value"]
    }
}

/// A browser's window.
public struct WebWindow: Sendable {
    let driver: WebDriver
    let path: String

    public func open(_ url: String) async throws {
        _ = try await driver.ask(.post("\(path)/url", json: "{\"url\":\"\(url)\"}"))
    }

    public func reload() async throws {
        _ = try await driver.ask(.post("\(path)/refresh", json: "{}"))
    }

    public func click(_ selector: String) async throws {
        _ = try await driver.ask(.post("\(element(selector))/click", json: "{}"))
    }

    public func type(_ text: String, into selector: String) async throws {
        _ = try await driver.ask(.post("\(element(selector))/value", json: "{\"text\":\"\(text)\"}"))
    }

    /// The text of an element as the page shows it; `nil` where there is no such element.
    public func text(_ selector: String) async throws -> String? {
        let script = "const found = document.querySelector(arguments[0]); return found ? found.innerText : null"
        guard case .string(let text) = try await evaluate(script, selector) else { return nil }
        return text
    }

    /// The result of a script's function, which gets one argument.
    public func evaluate(_ script: String, _ argument: String = "") async throws -> JSONValue {
        let body = try JSONEncoder().encode(["script": script])
        let text = String(decoding: body, as: UTF8.self).dropLast() + ",\"args\":[\"\(escaped(argument))\"]}"
        return try await driver.ask(.post("\(path)/execute/sync", json: String(text)))
    }

    private func element(_ selector: String) async throws -> String {
        let found = try await driver.ask(
            .post("\(path)/element", json: "{\"using\":\"css selector\",\"value\":\"\(escaped(selector))\"}"))
        guard case .object(let members) = found, case .string(let id) = members.map({ $0.value }).first else {
            throw WebDriver.Failure(description: "no element \(selector)")
        }
        return "\(path)/element/\(id)"
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
    }
}
