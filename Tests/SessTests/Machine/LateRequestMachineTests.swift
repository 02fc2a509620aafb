import Modeler
import Testing

@testable import Sess

/// All orders of a late request and one that ends the session or replaces its token.
@Suite("Machine: late requests")
struct LateRequestMachineTests {
    private static let late = LateCase.all + LateCase.endings + LateCase.replacements

    @Test(
        "T1 T2 T3 T4 In every order nothing is written for a dead token, and a response says what is confirmed",
        arguments: late, LateCase.endings + LateCase.replacements)
    func everyOrder(_ late: LateCase, _ other: LateCase) throws {
        for options in MachineOptions.allCases {
            for user in [nil, "alice"] {
                var world = try MachineWorld(try options.make(), requests: [])
                world.run([.set("seen", 1)] + (user.map { [.signIn($0)] } ?? []))
                // So that a rotation is due.
                world.store.now = world.store.now + .seconds(90)
                world.requests = [MachineRequest(late.program), MachineRequest(other.program)]
                let orders = world.explore { end, order in
                    #expect(end.faults.isEmpty, "\(options) \(user ?? "nobody") \(order)")
                    for request in end.requests {
                        let isAccountedFor = request.isAccountedFor
                        #expect(isAccountedFor, "\(options) \(user ?? "nobody") \(order)")
                    }
                }
                #expect(orders > 5)
            }
        }
    }

    @Test(
        "T1 After a sign-out and a new sign-in a late response doesn't sign the browser out, in any order",
        arguments: LateCase.all, MachineOptions.allCases)
    func signInAgain(_ late: LateCase, _ options: MachineOptions) throws {
        var world = try MachineWorld(try options.make(), requests: [])
        world.run([.set("seen", 1), .signIn("alice")])
        world.store.now = world.store.now + .seconds(90)
        world.requests = [
            MachineRequest(late.program), MachineRequest([.destroy]), MachineRequest([.signIn("bob")], follows: 1),
        ]
        // The late request has begun before.
        world.step(0)
        world.explore { end, order in
            #expect(end.faults.isEmpty, "\(order)")
            // Two confirmed responses may overtake each other: the late one repeats what it wrote before the sign-out.
            let isOvertaken =
                (options.repeatsToken || ["touch", "remember"].contains(late.name)) && end.requests[0].field != nil
            #expect(end.user == "bob" || isOvertaken, "\(order)")
        }
    }

    @Test("T2 A late response doesn't take the token of a sign-in or a rotation away", arguments: LateCase.all)
    func keepsNewToken(_ late: LateCase) throws {
        for other in LateCase.replacements {
            var world = try MachineWorld(requests: [])
            world.run([.set("seen", 1), .signIn("alice")])
            world.requests = [MachineRequest(late.program), MachineRequest(other.program)]
            world.explore { end, order in
                let hasRepeated = ["touch", "remember"].contains(late.name) && end.requests[0].field != nil
                #expect(end.reached != nil || hasRepeated, "\(other.name) \(order)")
                // A request that begins once the former session is gone has a new one of its own.
                let isNew = end.requests[0].presented == nil
                if other.name == "another user" { #expect(end.user == "bob" || hasRepeated || isNew, "\(order)") }
            }
        }
    }

    @Test("T3 A reload of a session that has ended or was replaced detaches, and the response says nothing")
    func reload() throws {
        for other in LateCase.endings + LateCase.replacements where other.name != "grace" {
            var world = try MachineWorld(requests: [])
            world.run([.set("seen", 1)])
            world.requests = [MachineRequest([.reload, .set("x", 1)])]
            world.step(0)
            world.run(other.program)
            let ids = world.store.ids
            while !world.requests[0].isDone { world.step(0) }
            #expect(world.requests[0].session.isDetached, "\(other.name)")
            #expect(world.requests[0].field == nil, "\(other.name)")
            #expect(world.requests[0].lost == ["x"], "\(other.name)")
            #expect(Set(world.store.ids) == Set(ids), "\(other.name)")
        }
    }

    @Test("T5 A token that was replaced without grace stays dead, whatever the store's clock does")
    func clocks() throws {
        for step in [-3600, 3600] {
            for late in LateCase.all + LateCase.endings {
                var world = try MachineWorld(requests: [])
                world.run([.set("seen", 1)])
                let planted = try #require(world.jar)
                world.requests = [MachineRequest(late.program)]
                world.step(0)
                world.run([.rotate(.zero)])
                let before = try #require(world.reached)
                world.store.now = world.store.now + .seconds(step)
                while !world.requests[0].isDone { world.step(0) }
                #expect(world.model(by: planted) == nil, "\(late.name)")
                // Two hours later the session may have expired, but nobody has written.
                if step < 0 { #expect(world.reached == before, "\(late.name)") }
                #expect(world.faults.isEmpty, "\(late.name)")
            }
        }
    }
}

extension MachineRequest {
    /// Whether the app was told of every change that isn't stored.
    fileprivate var isAccountedFor: Bool {
        let isOver = removed.isEmpty && session.isDetached == false
        return !isOver || !thrown.isEmpty || session.changes.pending.isEmpty || !lost.isEmpty
    }
}
