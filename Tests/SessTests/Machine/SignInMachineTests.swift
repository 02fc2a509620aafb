import Modeler
import Testing

@testable import Sess

/// Sign-ins in every order with others, over another user, and where they fail.
@Suite("Machine: sign-ins")
struct SignInMachineTests {
    @Test("T6 The form sent twice at once signs in, with no error, and a planted token gets nothing")
    func twice() throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("cart", 1)])
        let planted = try #require(world.jar)
        world.requests = [MachineRequest([.signIn("alice")]), MachineRequest([.signIn("alice")])]
        let orders = world.explore { end, order in
            #expect(end.faults.isEmpty, "\(order)")
            #expect(end.user == "alice", "\(order)")
            #expect(end.requests.allSatisfy { $0.thrown.isEmpty }, "\(order)")
            #expect(end.model(by: planted) == nil, "\(order)")
        }
        #expect(orders >= 20)
    }

    @Test(
        "T7 Another user begins anew: none of the former's data, and the former session ends", arguments: LateCase.all)
    func anotherUser(_ late: LateCase) throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("seen", 1), .signIn("alice")])
        let former = try #require(world.reached)
        world.requests = [MachineRequest(late.program), MachineRequest([.set("own", 1), .signIn("bob")])]
        world.explore { end, order in
            #expect(end.store.model(former.id) == nil, "\(order)")
            let bobs = end.store.ids.compactMap { end.store.model($0) }.filter {
                (try? OwnerRecord.read($0)?.user) == "bob"
            }
            #expect(bobs.count == 1, "\(order)")
            #expect(bobs.allSatisfy { $0.fields["seen"] == nil && $0.fields["own"] == nil }, "\(order)")
        }
    }

    @Test("T7 An anonymous session keeps its data, and its owner does at a repeated sign-in")
    func keepsData() throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("seen", 1)])
        let id = world.reached?.id
        for _ in 0..<2 {
            world.run([.set("own", 1), .signIn("alice")])
            #expect(world.user == "alice")
            #expect(world.reached?.id == id)
            #expect(world.reached?.fields["seen"] != nil && world.reached?.fields["own"] != nil)
        }
    }

    @Test("T8 A sign-in after the session was revoked in the same request begins anew")
    func revoked() throws {
        var world = try MachineWorld(requests: [])
        world.run([.set("seen", 1), .signIn("alice")])
        let id = try #require(world.reached?.id)
        world.requests = [MachineRequest([.touch, .signIn("alice")])]
        world.step(0)
        world.store.revoke(id)
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.requests[0].thrown.map(\.code) == [.gone])
        #expect(world.user == "alice")
        #expect(world.reached?.id != id)
        #expect(world.faults.isEmpty)
    }

    @Test("T9 A sign-in whose answer is lost leaves the former session as it was; once more signs in")
    func lost() throws {
        for former in [nil, "alice", "bob"] {
            for loss in [MachineRequest.Loss.beforeApplied, .afterApplied] {
                var world = try MachineWorld(requests: [])
                world.run([.set("seen", 1)] + (former.map { [.signIn($0)] } ?? []))
                let before = try #require(world.reached)
                world.requests = [MachineRequest([.signIn("bob")])]
                world.step(0)
                var again = world
                again.requests[0].program.append(.signIn("bob"))
                world.step(0, loss)
                while !world.requests[0].isDone { world.step(0) }
                #expect(world.requests[0].thrown.map(\.code) == [.storeUnavailable])
                #expect(world.requests[0].field == nil)
                #expect(world.requests[0].session.model.id == before.id)
                if former == "alice" { #expect(world.reached == before) }

                again.step(0, loss)
                while !again.requests[0].isDone { again.step(0) }
                #expect(again.user == "bob", "\(former ?? "nobody") \(loss)")
                #expect(again.faults.isEmpty)
            }
        }
    }
}
