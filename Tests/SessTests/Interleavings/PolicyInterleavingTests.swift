import HTTPTypes
import Modeler
import RedisTestServer
import Testing

@testable import Sess

/// All orders of the steps of two requests on one session (begin, change, finish), for every policy, against a model.
@Suite("Interleavings of two requests")
struct PolicyInterleavingTests {
    /// What is stored, and what a request has read and changed, by the model.
    private struct Oracle {
        var value: JSONValue?
        var writes = 0
        var own: Set<Int> = []
        var commits = 1
        var conflicts = 0
        var read: [Int: (value: JSONValue?, writes: Int)] = [:]
        var changed: [Int: JSONValue?] = [:]

        /// Whether the request fails.
        mutating func finish(_ request: Int, _ policy: PolicyCase) -> Bool {
            guard let read = read[request] else { return false }
            var refused = false
            if let mine = changed[request] {
                if read.writes == writes {
                    value = mine
                    writes += 1
                } else {
                    conflicts += 1
                    switch policy.expected(read.value, mine, value) {
                    case .none: refused = true
                    case .some(let merged):
                        if merged != value || policy.name.hasPrefix("lastWriter") { writes += 1 }
                        value = merged
                    }
                }
            }
            if !refused {
                own.insert(request)
                commits += 1
            }
            return refused
        }
    }

    @Test(
        "H2 C1 C2 C3 Every order of two requests, for every policy: the outcome is the model's, and each conflict is reported",
        arguments: SessionStoreKind.allCases
    )
    func everyOrder(_ kind: SessionStoreKind) async throws {
        let orders = schedules(steps: 3)
        #expect(orders.count == 20)
        // In Redis one of so many in an everyday run; in another run others.
        let stride = kind == .memory ? 1 : max(1, 4 / TestScale.factor)
        let offset = Int.random(in: 0..<stride)
        var runs = 0
        var index = 0
        try await withSessions(kind) { store in
            for policy in PolicyCase.all {
                let events = EventLog()
                let app = try StoreApp(store) {
                    $0.conflictPolicies = ["x": policy.policy]
                    $0.onEvent = events.append
                }
                for first in policy.actions {
                    for second in policy.actions {
                        for order in orders {
                            index += 1
                            guard index % stride == offset else { continue }
                            runs += 1
                            try await run(app, policy, [first, second], order, events)
                        }
                    }
                }
            }
        }
        print("H2 \(kind): \(runs) orders of two requests under \(PolicyCase.all.count) policies")
        #expect(runs >= 2800 / stride)
    }

    /// A set's order means nothing.
    private static func normal(_ value: JSONValue?, _ policy: PolicyCase) -> JSONValue? {
        guard policy.name == "set", let elements = value?.array else { return value }
        return .array(elements.sorted { ($0.int ?? 0) < ($1.int ?? 0) })
    }

    private func run(
        _ app: StoreApp, _ policy: PolicyCase, _ actions: [PolicyCase.Action], _ order: Schedule, _ events: EventLog
    ) async throws {
        let client = TestClient()
        let reportedBefore = events.all.count
        try await app.visit(client) { session in
            session["seen"] = true
            session["x", as: JSONValue.self] = policy.first
        }
        var oracle = Oracle(value: policy.first)
        var sessions: [Int: Session] = [:]
        var position = [0, 0]
        let comment: Comment = "\(policy) \(order)"
        for request in order {
            defer { position[request] += 1 }
            switch position[request] {
            case 0:
                sessions[request] = try await app.begin(client)
                oracle.read[request] = (oracle.value, oracle.writes)
            case 1:
                let session = try #require(sessions[request])
                let before = session["x", as: JSONValue.self]
                #expect(before == oracle.read[request]?.value, comment)
                let after = actions[request](before)
                session["x", as: JSONValue.self] = after
                session["own\(request)"] = true
                if after != before { oracle.changed[request] = .some(after) }
            default:
                let isRefused = oracle.finish(request, policy)
                let session = try #require(sessions[request])
                do {
                    try await app.finish(session, client)
                    #expect(!isRefused, comment)
                } catch let error as SessionError {
                    #expect(isRefused && error.code == .conflict, comment)
                }
            }
        }
        try await app.visit(client) { session in
            #expect(Self.normal(session["x", as: JSONValue.self], policy) == Self.normal(oracle.value, policy), comment)
            for request in 0...1 { #expect(session.contains("own\(request)") == oracle.own.contains(request), comment) }
            #expect(session["seen"] == true, comment)
            #expect(session.revision == oracle.commits, comment)
        }
        #expect(events.all.count - reportedBefore == oracle.conflicts, comment)
    }
}
