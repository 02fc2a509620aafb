/// Counts the instructions of a program's run, which vary far less than its time: by the processor's counters where the
/// system has them, else by valgrind.
enum InstructionCounter {
    case perf
    case valgrind

    /// The one that works here; `nil` where none does.
    static func available() -> InstructionCounter? {
        for counter in [InstructionCounter.perf, .valgrind] where (try? counter.count("true", [])) != nil {
            return counter
        }
        return nil
    }

    /// All instructions of a run in user mode.
    func count(_ program: String, _ arguments: [String]) throws -> Double {
        switch self {
        case .perf:
            let text = try Child.output(
                "perf", ["stat", "--field-separator", ",", "--event", "instructions:u", program] + arguments)
            let line = text.split(separator: "\n").last { $0.contains("instructions") }
            return try number(line?.split(separator: ",").first, in: text)
        case .valgrind:
            let text = try Child.output(
                "valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null", program] + arguments)
            let line = text.split(separator: "\n").last { $0.contains("Collected : ") }
            return try number(line?.split(separator: " ").last, in: text)
        }
    }

    private func number(_ text: Substring?, in output: String) throws -> Double {
        guard let number = text.flatMap({ Double($0) }) else { throw Failure("no count of instructions: \(output)") }
        return number
    }
}
