import Modeler
import Testing

@testable import Sess

/// Two requests that change the same field, and what the policies make of it.
@Suite("Machine: conflicts")
struct ConflictMachineTests {
    private static let policies: [(name: String, policy: ConflictPolicy, expected: Set<String>)] = [
        ("lastWriter", .lastWriter, ["11", "12"]), ("keepFirst", .keepFirst, ["11", "12"]),
        ("fail", .fail, ["11", "12"]), ("counter", .counter, ["13"]), ("maximum", .maximum, ["12"]),
    ]

    @Test("C1 In every order of two requests the policy decides, and both are told")
    func policies() throws {
        for (name, policy, expected) in Self.policies {
            var options = SessionOptions()
            options.conflictPolicies["x"] = policy
            var world = try MachineWorld(options, requests: [])
            world.run([.set("x", 10)])
            world.requests = [MachineRequest([.set("x", 11)]), MachineRequest([.set("x", 12)])]
            var conflicts = 0
            world.explore { end, order in
                let value = end.reached?.fields["x"].map { String(decoding: $0.value.bytes, as: UTF8.self) } ?? ""
                let events = end.requests.flatMap(\.events)
                // Only in orders where both have begun before either is stored.
                if !events.isEmpty {
                    conflicts += 1
                    #expect(expected.contains(value), "\(name) \(order)")
                    let codes = end.requests.flatMap(\.thrown).map(\.code)
                    #expect(codes == (name == "fail" ? [.conflict] : []), "\(name) \(order)")
                }
                #expect(end.faults.isEmpty)
            }
            #expect(conflicts > 0, "\(name)")
        }
    }

    @Test("T13 What is changed while the policies decide is decided, too")
    func changedMeanwhile() throws {
        var (machine, call, conflict) = try conflicting()
        var resolution = Resolution()
        let policies = SessionPolicies(SessionOptions())
        try ConflictResolver.resolve(conflict, policies, into: &resolution)
        machine.set(JSONNumber.encoded(99), of: "x", policy: nil, maximumFields: 10)
        machine.set(JSONNumber.encoded(7), of: "y", policy: nil, maximumFields: 10)
        let rest = try #require(try machine.adopt(resolution, of: conflict, &call))
        #expect(rest.entries.map(\.name).sorted() == ["x", "y"])
        try ConflictResolver.resolve(rest, policies, into: &resolution)
        #expect(try machine.adopt(resolution, of: rest, &call) == nil)
        #expect(machine.value(of: "x") == JSONNumber.encoded(99))
        #expect(machine.value(of: "y") == JSONNumber.encoded(7))
        #expect(machine.value(of: "other") == JSONNumber.encoded(1))
    }

    @Test("T13 A session that is dropped while the policies decide stays dropped")
    func droppedMeanwhile() throws {
        var (machine, call, conflict) = try conflicting()
        var resolution = Resolution()
        try ConflictResolver.resolve(conflict, SessionPolicies(SessionOptions()), into: &resolution)
        machine.drop()
        #expect(try machine.adopt(resolution, of: conflict, &call) == nil)
        #expect(machine.isDetached)
        #expect(machine.changes.isEmpty)
        #expect(try machine.next(&call, SessionRules(SessionOptions())) == nil)
    }

    /// A machine whose save has met another's write.
    private func conflicting() throws -> (SessionMachine, SaveCall, Conflict) {
        var world = try MachineWorld(requests: [])
        world.run([.set("x", 10)])
        world.requests = [MachineRequest([])]
        world.step(0)
        world.run([.set("x", 11), .set("other", 1)])
        var machine = world.requests[0].session
        machine.set(JSONNumber.encoded(12), of: "x", policy: nil, maximumFields: 10)
        var call = SaveCall(.save)
        let request = try #require(try machine.next(&call, world.manager.rules))
        let answer = try world.store.answer(request)
        guard case .resolve(let conflict) = try machine.take(answer, &call, now: world.store.now) else {
            throw SessionError(.conflict, "no conflict arose")
        }
        return (machine, call, conflict)
    }
}
