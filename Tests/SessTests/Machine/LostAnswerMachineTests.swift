import Modeler
import Testing

@testable import Sess

/// Answers that are lost, before or after the write was applied, at every place.
@Suite("Machine: lost answers")
struct LostAnswerMachineTests {
    private static let programs: [LateCase] = [
        LateCase(name: "insert", program: [.set("x", 1), .save, .save]),
        LateCase(name: "change", program: [.set("x", 1), .save, .set("y", 2), .save, .save]),
        LateCase(name: "rotation", program: [.set("x", 1), .save, .rotate(.zero), .rotate(.zero), .save]),
        LateCase(name: "rotation once", program: [.set("x", 1), .save, .rotate(.zero)]),
        LateCase(name: "grace", program: [.set("x", 1), .save, .rotate(.seconds(600)), .save]),
        LateCase(name: "sign-in", program: [.set("x", 1), .signIn("alice"), .signIn("alice")]),
        LateCase(name: "increment", program: [.set("x", 1), .save, .increment("n"), .increment("n"), .save]),
        LateCase(name: "end", program: [.set("x", 1)]),
    ]

    @Test("A lost answer loses nothing, and the client's next request reaches the session", arguments: programs)
    func one(_ lost: LateCase) throws {
        for isStored in [false, true] {
            var world = try MachineWorld(requests: [])
            if isStored { world.run([.set("seen", 1)]) }
            world.losses = 1
            world.requests = [MachineRequest(lost.program)]
            let runs = world.explore { end, order in
                #expect(end.faults.isEmpty, "\(order)")
                let request = end.requests[0]
                guard request.thrown.isEmpty || lost.name != "end" else { return }
                // Who is told that a sign-in has failed isn't signed in.
                guard lost.name != "sign-in" || request.session.attempt.unresolved == nil else { return }
                #expect(end.reached?.fields["x"] != nil, "\(order) \(request.thrown)")
                if lost.name == "sign-in" { #expect(end.user == "alice", "\(order)") }
                var next = end
                next.run([.set("z", 3)])
                #expect(next.reached?.fields["z"] != nil, "\(order)")
                #expect(next.faults.isEmpty)
            }
            #expect(runs > 2)
        }
    }

    @Test("C6 In every order with another request, a lost answer lets no token be lost and no dead one write")
    func withAnother() throws {
        for lost in Self.programs {
            for other in [LateCase.all[1], LateCase.all[5], LateCase.replacements[1]] {
                var world = try MachineWorld(requests: [])
                world.run([.set("seen", 1)])
                world.losses = 1
                world.requests = [MachineRequest(lost.program), MachineRequest(other.program)]
                world.explore { end, order in
                    #expect(end.faults.isEmpty, "\(lost.name) \(other.name) \(order)")
                }
            }
        }
    }

    @Test("T18 An increment whose answer is lost counts once when it is asked again, also after other writes")
    func countsOnce() throws {
        for (others, loss) in [0, 9, 100].flatMap({ n in
            [MachineRequest.Loss.beforeApplied, .afterApplied].map { (n, $0) }
        }) {
            var world = try MachineWorld(requests: [])
            world.run([.set("n", 5)])
            world.requests = [MachineRequest([.increment("n"), .increment("n")])]
            world.step(0)
            world.step(0, loss)
            for index in 0..<others { world.run([.set("other", index)]) }
            while !world.requests[0].isDone { world.step(0) }
            let request = world.requests[0]
            let value = String(decoding: try #require(world.reached?.fields["n"]).value.bytes, as: UTF8.self)
            if others < 100 {
                #expect(value == "6", "\(others) \(loss)")
                #expect(request.thrown.count == 1)
            } else {
                // Nobody can tell any more: an error, and never twice.
                #expect(request.thrown.count == 2)
                #expect(value == (loss == .afterApplied ? "6" : "5"))
            }
        }
    }

    @Test("A lost insertion is read before another is tried, so that a session that has ended since isn't back")
    func endedSince() throws {
        var world = try MachineWorld(requests: [])
        world.requests = [MachineRequest([.set("x", 1), .save, .save])]
        world.step(0)
        world.step(0, .afterApplied)
        let id = try #require(world.store.ids.first)
        world.store.revoke(id)
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.faults.isEmpty)
        #expect(world.reached?.fields["x"] != nil)
        #expect(world.store.ids != [id])
    }
}
