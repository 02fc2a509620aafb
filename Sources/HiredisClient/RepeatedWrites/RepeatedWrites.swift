/// The writes that were made lately and must not be undone by a new master that didn't hear of them, one for each key.
/// A pure value; times are nanoseconds on a monotonic clock.
struct RepeatedWrites: Sendable {
    /// How long a write is kept. A replica that is promoted is hardly ever further behind.
    static let life: UInt64 = 60_000_000_000

    private struct Entry {
        let number: UInt64
        let expiry: UInt64
        let write: RepeatedWrite
    }

    private let capacity: Int
    private let maximumBytes: Int
    private var entries: [String: Entry] = [:]
    /// In the order of their insertion; one whose key has a later write, or was forgotten, has another number in
    /// `entries`, or none.
    private var order: [(key: String, number: UInt64)] = []
    private var head = 0
    private var last: UInt64 = 0
    private(set) var byteCount = 0
    /// How many writes were given up before their time, for want of room.
    private(set) var dropped = 0

    init(capacity: Int = 65_536, maximumBytes: Int = 16 << 20) {
        self.capacity = capacity
        self.maximumBytes = maximumBytes
    }

    var count: Int { entries.count }

    /// The number of the latest write.
    var latest: UInt64 { last }

    mutating func insert(_ write: RepeatedWrite, now: UInt64) {
        // An answer may be overtaken by that of a later write.
        if let known = entries[write.key], known.expiry > now, known.write.order > write.order { return }
        forget(write.key)
        last += 1
        entries[write.key] = Entry(number: last, expiry: now &+ Self.life, write: write)
        byteCount += write.byteCount
        order.append((write.key, last))
        trim(now: now)
    }

    /// The key was made anew: it may stay as it is.
    mutating func forget(_ key: String) {
        if let entry = entries.removeValue(forKey: key) { byteCount -= entry.write.byteCount }
    }

    /// Whether there is a write on a key.
    func contains(_ key: String, now: UInt64) -> Bool { entries[key].map { $0.expiry > now } ?? false }

    /// The writes that came after the one of this number, oldest first.
    func writes(after number: UInt64, now: UInt64) -> [RepeatedWrite] {
        order[head...].compactMap { item in
            guard item.number > number, let entry = entries[item.key], entry.number == item.number,
                entry.expiry > now
            else { return nil }
            return entry.write
        }
    }

    /// Gives up what is over, and the oldest where there is no room.
    mutating func trim(now: UInt64) {
        while head < order.count {
            let item = order[head]
            if let entry = entries[item.key], entry.number == item.number {
                let isFull = entries.count > capacity || byteCount > maximumBytes
                guard isFull || entry.expiry <= now else { break }
                if entry.expiry > now { dropped += 1 }
                forget(item.key)
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
