import HTTPTypes
import Hummingbird
import Modeler
import Sess
import SessHummingbird
import Synchronization

/// What the recipes' app pays with.
final class Bank: Sendable {
    private let keys = Mutex<[String]>([])

    var charges: [String] { keys.withLock { $0 } }

    func charge(key: String) async throws {
        try await Task.sleep(for: .milliseconds(5))
        keys.withLock { $0.append(key) }
    }
}

/// What the recipes' app sends codes with.
final class Mail: Sendable {
    private let codes = Mutex<[String]>([])

    var last: String? { codes.withLock { $0.last } }

    func send(_ code: String) async { codes.withLock { $0.append(code) } }
}

struct CodeForm: Decodable {
    var code: String
}

/// A connection that stays open.
protocol Socket: Sendable {
    /// Serves until either side closes.
    func run() async
    func close() async
}

func addPages(to router: Router<BasicSessRequestContext>, manager: SessionManager, bank: Bank, mail: Mail) {
    // snippet: flash
    router.get("/") { _, context in
        let messages = context.session.takeFlash()
        return messages.joined(separator: "\n")
    }
    // end
    // snippet: one-time-code
    router.post("code") { _, context in
        let code = String(Int.random(in: 100_000...999_999))
        try context.session.set("code", to: code, expiringAfter: .seconds(300))
        try await context.session.save()
        await mail.send(code)
        return HTTPResponse.Status.noContent
    }
    router.post("code/check") { request, context in
        let form = try await request.decode(as: CodeForm.self, context: context)
        let code = try await context.session.take("code", as: String.self)
        guard let code, code == form.code else { throw HTTPError(.forbidden) }
        return "welcome"
    }
    // end
    // snippet: exclusive
    router.post("pay") { _, context in
        let session = context.session
        return try await session.withExclusiveAccess { section in
            guard session["paid", as: Bool.self] != true else { return "paid before" }
            try await bank.charge(key: "\(session.id)-\(section.fencingToken)")
            session["paid"] = true
            return "paid"
        }
    }
    // end
}

// snippet: web-socket
func serve(_ socket: some Socket, session id: ModelID, manager: SessionManager) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await socket.run() }
        group.addTask {
            for await _ in manager.endEvents(of: id) { await socket.close() }
        }
        await group.next()
        group.cancelAll()
    }
}
// end
