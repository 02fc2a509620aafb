import Modeler
import Testing

@testable import Sess

/// Answers that end a request's part in its session, and sign-ins that fail.
@Suite("Machine: outcomes")
struct OutcomeMachineTests {
    @Test("A renewal of a signed-in session asks for its owner first, and a revoked one ends with no cookie changed")
    func revokedOwner() throws {
        var world = try MachineWorld(MachineOptions.rolling.make(), requests: [])
        world.run([.set("seen", 1), .signIn("alice")])
        world.requests = [MachineRequest([])]
        world.step(0)
        var machine = world.requests[0].session
        var call = SaveCall(.renew)
        guard case .confirmOwner(let model) = try machine.next(&call, world.manager.rules) else {
            Issue.record("the deadline moves without a check")
            return
        }
        let error = #expect(throws: SessionError.self) {
            _ = try machine.take(.owned(false), &call, now: world.store.now)
        }
        #expect(error?.code == .gone)
        #expect(machine.hasEnded)
        #expect(call.events == [.goneWhileInUse(session: model.id)])
        let cookie = world.manager.options.cookie
        #expect(world.manager.tokenField(of: machine, cookie: cookie, isSecure: true) == nil)
    }

    @Test("Who comes back to a section that somebody else has entered saves nothing")
    func lostSection() throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("seen", 1)])
        world.requests = [MachineRequest([.enter(7), .set("x", 1), .save]), MachineRequest([.enter(8)])]
        for index in [0, 1, 0] { world.step(index) }
        // Held: the other one is refused, and told nothing else.
        world.step(1)
        #expect(world.requests[1].session.isInLease == false)
        world.store.now = world.store.now + .seconds(700)
        let other = world.run([.enter(8)])
        #expect(other.thrown.isEmpty)
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.requests[0].thrown.first?.code == .sectionLost)
        #expect(world.reached?.fields["x"] == nil)
    }

    @Test("A save on top of another schema's record fails, and leaves it as it is")
    func otherSchema() throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("x", 1)])
        world.requests = [MachineRequest([.set("x", 2), .save])]
        world.step(0)
        let id = try #require(world.reached?.id)
        let version = Change([
            .init(ReservedField.schema, .set(JSONNumber.encoded(3))), .init("x", .set(JSONNumber.encoded(9))),
        ])
        _ = try world.store.answer(.commit(version, to: id))
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.requests[0].thrown.first?.code == .conflict)
        #expect(world.reached?.fields["x"]?.value == JSONNumber.encoded(9))
        #expect(world.requests[0].field == nil)
    }

    @Test("T9 A sign-in that a policy refuses stores nothing, and the session stays whose it was")
    func refusedSignIn() throws {
        for user in [nil, "alice"] {
            var options = SessionOptions()
            options.conflictPolicies["x"] = .fail
            var world = try MachineWorld(options, requests: [])
            world.run([.set("x", 1)] + (user.map { [.signIn($0)] } ?? []))
            world.requests = [MachineRequest([.set("x", 2), .signIn("alice")], stopsAtErrors: true)]
            world.step(0)
            world.run([.set("x", 3)])
            let before = try #require(world.reached)
            while !world.requests[0].isDone { world.step(0) }
            #expect(world.requests[0].thrown.map(\.code) == [.conflict])
            #expect(world.requests[0].field == nil)
            #expect(world.reached == before)
            #expect(world.user == user)
        }
    }

    @Test("A destroy whose answer is lost, asked again, leaves no session and throws nothing more")
    func lostDestroy() throws {
        for loss in [MachineRequest.Loss.beforeApplied, .afterApplied] {
            var world = try MachineWorld(requests: [])
            world.run([.set("x", 1)])
            world.requests = [MachineRequest([.destroy, .destroy])]
            world.step(0)
            world.step(0, loss)
            while !world.requests[0].isDone { world.step(0) }
            #expect(world.requests[0].thrown.count == 1)
            #expect(world.store.ids.isEmpty)
            #expect(world.faults.isEmpty)
        }
    }
}
