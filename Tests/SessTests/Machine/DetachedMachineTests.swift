import Modeler
import Testing

@testable import Sess

/// Sessions that take no part, that are dropped, that are an operator's, or whose response has left.
@Suite("Machine: detached sessions and the rest")
struct DetachedMachineTests {
    private static let reasons: [SessionMachine.DetachedReason] = [
        .insecureRequest, .optedOut, .storeDown, .replaced, .ended, .unreadable, .missingMiddleware, .dropped(nil),
    ]

    @Test("T11 T14 A detached session asks nothing of the store, says nothing, and tells what is lost")
    func detached() throws {
        let manager = try SessionManager(options: MachineOptions.rolling.make())
        for reason in Self.reasons {
            var machine = SessionMachine.detached(
                reason, now: Timestamp(milliseconds: 1), namespace: manager.namespace)
            machine.set(JSONNumber.encoded(1), of: "x", policy: nil, maximumFields: 10)
            #expect(machine.value(of: "x") != nil)
            for goal in [SaveCall.Goal.save, .renew, .confirm, .remove, .reload, .refresh] {
                var call = SaveCall(goal)
                #expect(try machine.next(&call, manager.rules) == nil, "\(reason)")
            }
            guard case .lose(_, let names) = manager.finalSave(of: machine, manager.options.cookie) else {
                Issue.record("the changes of a detached session are lost in silence: \(reason)")
                continue
            }
            #expect(names == ["x"])
            #expect(manager.tokenField(of: machine, cookie: manager.options.cookie, isSecure: true) == nil)
        }
    }

    @Test("T11 A record that only other servers can read detaches a reload; any other call ends, and no cookie changes")
    func unreadable() throws {
        for (goal, code) in [(SaveCall.Goal.reload, SessionError.Code.unreadableHere), (.renew, .unreadable)] {
            var world = try MachineWorld(requests: [])
            world.run([.set("seen", 1)])
            world.requests = [MachineRequest([])]
            world.step(0)
            var machine = world.requests[0].session
            var call = SaveCall(goal)
            _ = try machine.next(&call, world.manager.rules)
            let error = SessionError(code, "a newer layout")
            do {
                _ = try machine.take(.unreadable(error), &call, now: world.store.now)
                #expect(machine.isDetached)
            } catch {
                #expect(error.code == .gone)
                #expect(machine.hasEnded)
            }
            #expect(call.events == [.unreadableSession(session: try #require(world.reached?.id))])
            let manager = world.manager
            #expect(manager.tokenField(of: machine, cookie: manager.options.cookie, isSecure: true) == nil)
        }
    }

    @Test("E12 A dropped session ends or stays, by the policy, and nothing of it is saved")
    func dropped() throws {
        for policy in [DroppedSessionPolicy.destroy, .keep] {
            var options = SessionOptions()
            options.whenDropped = policy
            var world = try MachineWorld(options, requests: [])
            world.run([.set("seen", 1)])
            let before = try #require(world.reached)
            let request = world.run([.set("x", 1), .drop])
            #expect(request.faults.isEmpty)
            #expect(world.store.model(before.id) == (policy == .keep ? before : nil))
            #expect((request.field != nil) == (policy == .destroy))
            #expect((world.jar == nil) == (policy == .destroy))
        }
    }

    @Test("T10 After the head has left a first save throws, and the save of a stored session works")
    func afterHead() throws {
        var world = try MachineWorld(requests: [])
        var fresh = SessionMachine.fresh(now: world.store.now, namespace: world.manager.namespace)
        fresh.set(JSONNumber.encoded(1), of: "x", policy: nil, maximumFields: 10)
        fresh.exchange.isFinished = true
        var call = SaveCall(.save)
        let error = #expect(throws: SessionError.self) { _ = try fresh.next(&call, world.manager.rules) }
        #expect(error?.code == .responseSent)

        world.run([.set("seen", 1)])
        world.requests = [MachineRequest([.set("x", 1), .save])]
        world.step(0)
        world.requests[0].session.exchange.isFinished = true
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.requests[0].thrown.isEmpty)
        #expect(world.reached?.fields["x"] != nil)
    }

    @Test("T12 An operator's session saves although the client's token rotates, and reveals none")
    func operators() throws {
        var world = try MachineWorld(MachineOptions.alwaysSet.make(), requests: [])
        world.run([.set("seen", 1)])
        let model = try #require(world.reached)
        var request = MachineRequest([.set("x", 1), .save, .touch, .rotate(.zero)])
        request.machine = .stored(SessionRecord(model), client: .notAsked, namespace: world.manager.namespace)
        world.requests = [request]
        world.run([.rotate(.zero)])
        let jar = world.jar
        while !world.requests[0].isDone { world.step(0) }
        #expect(world.requests[0].thrown.isEmpty)
        #expect(world.requests[0].field == nil)
        #expect(world.jar == jar)
        #expect(world.reached?.fields["x"] != nil)
    }
}
