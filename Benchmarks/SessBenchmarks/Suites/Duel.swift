/// Ours and the ceiling in turns, so that what else the machine does weighs on both.
struct Duel {
    var ours: [Sample] = []
    var ceiling: [Sample] = []

    /// - Parameters:
    ///   - ours: The arguments of this program's load.
    ///   - program: The ceiling's program, with arguments of its own.
    static func run(
        rounds: Int, ours: [String], against program: String, _ arguments: [String]
    ) throws -> Duel {
        var duel = Duel()
        for round in 0..<rounds {
            // Who begins changes, so that a drift weighs on both.
            if round.isMultiple(of: 2) { duel.ceiling.append(try Child.sample(program, arguments)) }
            duel.ours.append(try Child.sample(Child.own, ["load"] + ours))
            if !round.isMultiple(of: 2) { duel.ceiling.append(try Child.sample(program, arguments)) }
        }
        return duel
    }

    func row(
        _ suite: String, _ name: String, _ value: String, _ unit: String, goal: Double? = nil,
        lowerIsBetter: Bool = false
    ) -> Row {
        .alternating(
            suite, name, unit, ours: ours.map { $0[value] }, ceiling: ceiling.map { $0[value] }, goal: goal,
            lowerIsBetter: lowerIsBetter)
    }
}
