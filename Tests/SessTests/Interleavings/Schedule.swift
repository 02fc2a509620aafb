/// An order of the steps of two requests: which one takes the next step.
typealias Schedule = [Int]

/// All orders of the steps of two requests, each request's own in order.
func schedules(steps: Int) -> [Schedule] {
    func extend(_ schedule: Schedule, _ left: (Int, Int)) -> [Schedule] {
        if left == (0, 0) { return [schedule] }
        return (left.0 > 0 ? extend(schedule + [0], (left.0 - 1, left.1)) : [])
            + (left.1 > 0 ? extend(schedule + [1], (left.0, left.1 - 1)) : [])
    }
    return extend([], (steps, steps))
}
