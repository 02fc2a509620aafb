/// The deadlines of models, soonest first: a binary heap.
///
/// An entry whose model has meanwhile gone or moved its deadline stays until it comes up; whoever takes entries out
/// checks each against the model.
struct DeadlineQueue {
    struct Entry {
        var deadline: Timestamp
        var id: ModelID
        /// The insertion that the entry is of, so that a new model under the id of an old one isn't taken for it.
        var sequence: Int
    }

    private var heap: [Entry] = []

    init() {}

    /// A queue of these entries, in linear time.
    init(_ entries: [Entry]) {
        heap = entries
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(from: index) }
    }

    var count: Int { heap.count }
    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].deadline < heap[parent].deadline else { break }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    mutating func removeFirst() -> Entry? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(from: 0)
        }
        return first
    }

    private mutating func sink(from start: Int) {
        var index = start
        while true {
            var smallest = index
            for child in 2 * index + 1..<2 * index + 3 where child < heap.count {
                if heap[child].deadline < heap[smallest].deadline { smallest = child }
            }
            guard smallest != index else { return }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }
}
