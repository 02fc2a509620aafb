/// Work in the order in which it came. Adding and taking are constant time on average.
struct WorkQueue: Sendable {
    private var all: [(any LaneWork)?] = []
    private var head = 0

    var count: Int { all.count - head }
    var isEmpty: Bool { head == all.count }
    var first: (any LaneWork)? { isEmpty ? nil : all[head] }

    mutating func append(_ work: any LaneWork) {
        all.append(work)
    }

    mutating func removeFirst() -> (any LaneWork)? {
        guard let first else { return nil }
        all[head] = nil
        head += 1
        if isEmpty {
            all.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= all.count {
            all.removeFirst(head)
            head = 0
        }
        return first
    }

    mutating func removeAll() -> [any LaneWork] {
        let left = all.dropFirst(head).compactMap(\.self)
        all = []
        head = 0
        return left
    }

    /// Drops what nobody waits for any more from the front.
    mutating func dropOver() {
        while let first, first.isOver { _ = removeFirst() }
    }
}
