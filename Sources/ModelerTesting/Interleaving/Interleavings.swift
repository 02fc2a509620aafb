import Modeler

/// All orders in which a few clients' steps can mix, run one after another on a store.
///
/// After each step it is checked that no update is lost, nothing removed comes back, no old token is accepted, the
/// revision grows by one with each write, and the model has a deadline.
public struct Interleavings: Sendable {
    /// The clients' steps; each inner array is one client's.
    public var programs: [[[ClientAction]]]

    /// Every order of these programs' steps.
    public init(programs: [[[ClientAction]]]) {
        self.programs = programs
    }

    /// Three clients that each read and do one thing, and two clients that each read and do two things: some 21,000
    /// runs of 6 steps.
    public static let short = Interleavings(
        programs: all(clients: 3, bodies: (Self.changes + [.removeRead]).map { [.read, $0] })
            + all(clients: 2, bodies: Self.pairs.map { [.read] + $0 })
    )

    /// The ``short`` ones, and two clients that each read, do a thing, read again and do another: some 68,000 runs.
    public static let full = Interleavings(
        programs: short.programs + all(clients: 2, bodies: Self.pairs.map { [.read, $0[0], .read, $0[1]] })
    )

    private static let changes: [ClientAction] = [.add, .save, .write, .rotate, .touch, .remove]
    private static let pairs = changes.flatMap { first in changes.map { [first, $0] } }

    /// Every choice of a body for each client, regardless of which client has which.
    private static func all(clients: Int, bodies: [[ClientAction]]) -> [[[ClientAction]]] {
        guard clients > 0 else { return [[]] }
        return bodies.indices.flatMap { index in
            all(clients: clients - 1, bodies: Array(bodies[index...])).map { [bodies[index]] + $0 }
        }
    }

    /// Runs them all.
    ///
    /// - Returns: The number of interleavings that were run.
    /// - Throws: A ``Violation`` that lists the steps up to the one that broke a rule; what the store throws.
    @discardableResult
    public func run(on store: CollectionUnderTest) async throws -> Int {
        let models = try await store.make()
        var count = 0
        for program in programs {
            for order in Self.orders(program.map(\.count)) {
                var run = try await InterleavingRun(models, id: id("i\(count)"), clients: program.count)
                var positions = Array(repeating: 0, count: program.count)
                var done: [String] = []
                for client in order {
                    let action = program[client][positions[client]]
                    positions[client] += 1
                    done.append("\(client): \(action)")
                    do {
                        try await run.run(action, by: client)
                    } catch let violation as Violation {
                        throw Violation("\(violation.message), after \(done.joined(separator: ", "))")
                    }
                }
                try await models.remove(run.id)
                count += 1
                await Task.yield()  // A store in memory never suspends, and other tests share the threads.
            }
        }
        return count
    }

    /// Every order in which clients with so many steps left can take turns.
    private static func orders(_ left: [Int]) -> [[Int]] {
        guard left.contains(where: { $0 > 0 }) else { return [[]] }
        return left.indices.filter { left[$0] > 0 }.flatMap { client in
            var rest = left
            rest[client] -= 1
            return orders(rest).map { [client] + $0 }
        }
    }
}
