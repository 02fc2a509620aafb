import RESP

/// The keys that were removed lately and must not come back with a new master that didn't hear of it. A pure value;
/// times are nanoseconds on a monotonic clock.
struct RemovedKeys: Sendable {
    /// How long a key is kept. A replica that is promoted is hardly ever further behind.
    static let life: UInt64 = 60_000_000_000

    private struct Entry {
        let number: UInt64
        let expiry: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    /// In the order of their removal; one that was removed again, or forgotten, has another number in `entries`, or
    /// none.
    private var order: [(key: String, number: UInt64)] = []
    private var head = 0
    private var last: UInt64 = 0
    /// How many keys were given up before their time, for want of room.
    private(set) var dropped = 0

    init(capacity: Int = 65_536) { self.capacity = capacity }

    var count: Int { entries.count }

    /// The number of the latest removal.
    var latest: UInt64 { last }

    mutating func insert(_ key: String, now: UInt64) {
        last += 1
        entries[key] = Entry(number: last, expiry: now &+ Self.life)
        order.append((key, last))
        trim(now: now)
    }

    /// A key was made anew: it may stay.
    mutating func forget(_ key: String) { entries[key] = nil }

    /// The keys that were removed after the removal of this number, oldest first.
    func keys(after number: UInt64, now: UInt64) -> [String] {
        order[head...].filter { item in
            guard item.number > number, let entry = entries[item.key] else { return false }
            return entry.number == item.number && entry.expiry > now
        }.map(\.key)
    }

    private mutating func trim(now: UInt64) {
        while head < order.count {
            let item = order[head]
            if let entry = entries[item.key], entry.number == item.number {
                let isFull = entries.count > capacity
                guard isFull || entry.expiry <= now else { break }
                if entry.expiry > now { dropped += 1 }
                entries[item.key] = nil
            }
            head += 1
        }
        // Half of the memory, at most, is of what is over.
        if head > 1_024, 2 * head > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
