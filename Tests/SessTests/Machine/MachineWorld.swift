import HTTPTypes
import Modeler

@testable import Sess

/// One client with its cookie, its requests, and the store; a value, so that every order of steps can be tried.
struct MachineWorld: Sendable {
    var store = PureStore()
    var requests: [MachineRequest]
    /// The cookie that the client has.
    var jar: String?
    /// How many answers may still be lost.
    var losses = 0
    let manager: SessionManager

    init(_ options: SessionOptions = SessionOptions(), requests: [MachineRequest]) throws {
        manager = try SessionManager(options: options)
        self.requests = requests
    }

    /// Runs a request of its own from its beginning to its response.
    @discardableResult
    mutating func run(_ program: [MachineVerb]) -> MachineRequest {
        requests.append(MachineRequest(program))
        while let request = requests.last, !request.isDone { step(requests.count - 1) }
        return requests.removeLast()
    }

    /// Lets one request go on by a step. Its response reaches the client at once.
    mutating func step(_ index: Int, _ loss: MachineRequest.Loss = .none) {
        if loss != .none { losses -= 1 }
        requests[index].step(&store, manager, cookie: jar, loss)
        guard requests[index].isDone else { return }
        check(&requests[index])
        guard let value = requests[index].field?.value else { return }
        let text = value.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst()
        jar = text.isEmpty ? nil : String(text)
    }

    /// Visits every order of the requests' steps, and with losses every place of them.
    ///
    /// - Returns: How many orders there were.
    @discardableResult
    func explore(_ visit: (MachineWorld, [Int]) -> Void) -> Int { explore([], visit) }

    private func explore(_ order: [Int], _ visit: (MachineWorld, [Int]) -> Void) -> Int {
        let ready = requests.indices.filter { index in
            !requests[index].isDone && requests[index].follows.map { requests[$0].isDone } ?? true
        }
        if ready.isEmpty {
            visit(self, order)
            return 1
        }
        var count = 0
        for index in ready {
            let canLose = losses > 0 && requests[index].machine != nil
            for loss in canLose ? MachineRequest.Loss.allCases : [.none] {
                var world = self
                world.step(index, loss)
                count += world.explore(order + [index], visit)
            }
        }
        return count
    }

    /// Checks what holds for every response.
    private func check(_ request: inout MachineRequest) {
        guard let value = request.field?.value else { return }
        guard let parsed = parsed(value) else {
            // It expires: by the doing of this request alone.
            if request.presented.map({ !request.removed.contains($0) }) ?? true {
                request.faults.append("the cookie expires by a request that hasn't ended the session")
            }
            return
        }
        if parsed.other != nil { return }
        let isConfirmed = request.confirmed.contains {
            ClientToken.held(ClientToken.Held(token: parsed.token)).status(in: $0, manager.namespace) == .current
        }
        if !isConfirmed { request.faults.append("a token that no write of the request has confirmed") }
    }

    private func parsed(_ value: String) -> TokenCodec.Parsed? {
        let text = value.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst()
        guard case .token(let parsed) = manager.tokens.read(ArraySlice(text.utf8)) else { return nil }
        return parsed
    }

    /// The record that the client's cookie gives access to.
    var reached: Model? { jar.flatMap { model(by: $0) } }

    /// The record that a cookie gives access to.
    func model(by cookie: String) -> Model? {
        guard case .token(let parsed) = manager.tokens.read(ArraySlice(cookie.utf8)) else { return nil }
        for token in [parsed.token, parsed.other].compactMap(\.self) {
            guard let model = store.model(token.id) else { continue }
            let status = ClientToken.held(ClientToken.Held(token: token)).status(in: model, manager.namespace)
            if status == .current || status == .graced { return model }
        }
        return nil
    }

    /// Who is signed in in the client; `nil` for nobody.
    var user: String? { reached.flatMap { try? OwnerRecord.read($0)?.user } }

    /// The faults of all requests.
    var faults: [String] { requests.flatMap(\.faults) }
}
