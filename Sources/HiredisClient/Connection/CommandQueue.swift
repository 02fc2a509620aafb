import DequeModule
import RESP

/// Commands in order. One is found by its id, and those whose time is over, without a walk through all of them.
struct CommandQueue<Waiter> {
    private var commands: Deque<PendingCommand<Waiter>> = []
    /// The number of the first command. Each of the following has the next one.
    private var firstNumber: UInt64 = 1 << 32
    /// The number of the last command whose id has this remainder, or of one that has left after it. A power of two of
    /// them, at least twice as many as there are commands.
    private var numbers: [UInt64] = Array(repeating: 0, count: 64)
    /// For the commands of each block of numbers, a time at which none of them has expired yet.
    private var earliest: Deque<UInt64> = []

    /// The bytes of all requests that may still have to be sent.
    private(set) var byteCount = 0
    /// How many commands have somebody who waits for them.
    private(set) var awaitedCount = 0

    var count: Int { commands.count }
    var isEmpty: Bool { commands.isEmpty }
    var first: PendingCommand<Waiter>? { commands.first }
    var all: some Sequence<PendingCommand<Waiter>> { commands }

    /// How many replies the first command still has to get in all.
    var firstReplyCount: Int { commands[0].request.commandCount }

    private static var blockBits: UInt64 { 6 }
}

// MARK: Ends

extension CommandQueue {
    mutating func append(_ command: consuming PendingCommand<Waiter>) {
        if 2 * (commands.count + 1) > numbers.count { indexAnew(slots: 2 * numbers.count) }
        let number = firstNumber &+ UInt64(commands.count)
        numbers[slot(command.id)] = number
        let block = block(of: number)
        if block == earliest.count {
            earliest.append(command.expiry)
        } else {
            earliest[block] = min(earliest[block], command.expiry)
        }
        add(command)
        commands.append(command)
    }

    mutating func prepend(_ command: consuming PendingCommand<Waiter>) {
        if 2 * (commands.count + 1) > numbers.count { indexAnew(slots: 2 * numbers.count) }
        let isFirstOfBlock = commands.isEmpty || firstNumber & (1 << Self.blockBits - 1) == 0
        firstNumber &-= 1
        let slot = slot(command.id)
        // A slot names the last of several commands.
        if numbers[slot] &- firstNumber > UInt64(commands.count) { numbers[slot] = firstNumber }
        if isFirstOfBlock {
            earliest.prepend(command.expiry)
        } else {
            earliest[0] = min(earliest[0], command.expiry)
        }
        add(command)
        commands.prepend(command)
    }

    mutating func popFirst() -> PendingCommand<Waiter>? {
        guard let command = commands.popFirst() else { return nil }
        firstNumber &+= 1
        if commands.isEmpty {
            earliest.removeAll(keepingCapacity: true)
        } else if firstNumber & (1 << Self.blockBits - 1) == 0 {
            earliest.removeFirst()
        }
        byteCount -= command.request.bytes.count
        if command.waiter != nil { awaitedCount -= 1 }
        return command
    }

    /// Takes all commands out.
    mutating func takeAll() -> Deque<PendingCommand<Waiter>> {
        defer {
            firstNumber &+= UInt64(commands.count)
            commands = []
            earliest = []
            byteCount = 0
            awaitedCount = 0
        }
        return commands
    }

    private mutating func add(_ command: PendingCommand<Waiter>) {
        byteCount += command.request.bytes.count
        if command.waiter != nil { awaitedCount += 1 }
    }
}

// MARK: Ids

extension CommandQueue {
    /// Takes out who waits for a command. The command stays in its place, without its bytes.
    mutating func takeWaiter(id: UInt64) -> (waiter: Waiter, attempts: Int)? {
        guard let index = index(id: id), let waiter = takeWaiter(at: index) else { return nil }
        return (waiter, commands[index].attempts)
    }

    private mutating func takeWaiter(at index: Int) -> Waiter? {
        guard let waiter = commands[index].waiter.take() else { return nil }
        awaitedCount -= 1
        dropBytes(at: index)
        return waiter
    }

    private func index(id: UInt64) -> Int? {
        let index = numbers[slot(id)] &- firstNumber
        // The last command of this remainder has left, and with it all before.
        guard index < UInt64(commands.count) else { return nil }
        if commands[Int(index)].id == id { return Int(index) }
        return commands.firstIndex { $0.id == id }
    }

    private func slot(_ id: UInt64) -> Int { Int(truncatingIfNeeded: id) & (numbers.count - 1) }

    private mutating func indexAnew(slots: Int) {
        numbers = Array(repeating: 0, count: slots)
        for (offset, command) in commands.enumerated() {
            numbers[slot(command.id)] = firstNumber &+ UInt64(offset)
        }
    }

    /// Forgets the commands for which nobody waits once they are the most.
    mutating func dropAbandoned() {
        guard commands.count > 2 * awaitedCount else { return }
        commands.removeAll { $0.waiter == nil }
        indexAnew(slots: numbers.count)
        findEarliestAnew()
    }
}

// MARK: Bytes

extension CommandQueue {
    /// Drops the bytes of those of the last commands that are not sent again once they were sent.
    mutating func dropBytes(ofLast count: Int) {
        for index in (commands.count - count)..<commands.count where commands[index].retry != .always {
            dropBytes(at: index)
        }
    }

    private mutating func dropBytes(at index: Int) {
        byteCount -= commands[index].request.bytes.count
        commands[index].request.dropBytes()
    }
}

// MARK: Time

extension CommandQueue {
    /// A time at which nobody who waits has waited long enough yet; at most as late as the first to come.
    var earliestExpiry: UInt64 { earliest.min() ?? .max }

    /// Takes out who has waited long enough.
    mutating func expire(now: UInt64, _ body: (Waiter, PendingCommand<Waiter>) -> Void) {
        for block in earliest.indices where earliest[block] <= now {
            var next = UInt64.max
            for index in indices(ofBlock: block) where commands[index].waiter != nil {
                if commands[index].expiry > now {
                    next = min(next, commands[index].expiry)
                } else if let waiter = takeWaiter(at: index) {
                    body(waiter, commands[index])
                }
            }
            earliest[block] = next
        }
    }

    /// Gives each command another time at which it expires.
    mutating func changeExpiries(_ expiry: (PendingCommand<Waiter>) -> UInt64) {
        for index in commands.indices { commands[index].expiry = expiry(commands[index]) }
        findEarliestAnew()
    }

    private mutating func findEarliestAnew() {
        earliest.removeAll(keepingCapacity: true)
        for (offset, command) in commands.enumerated() {
            let block = block(of: firstNumber &+ UInt64(offset))
            if block == earliest.count { earliest.append(.max) }
            if command.waiter != nil { earliest[block] = min(earliest[block], command.expiry) }
        }
    }

    private func block(of number: UInt64) -> Int {
        Int(truncatingIfNeeded: (number >> Self.blockBits) &- (firstNumber >> Self.blockBits))
    }

    private func indices(ofBlock block: Int) -> Range<Int> {
        let start = (firstNumber >> Self.blockBits &+ UInt64(block)) << Self.blockBits
        let lower = start > firstNumber ? Int(start - firstNumber) : 0
        let upper = Int(start &+ (1 << Self.blockBits) &- firstNumber)
        return lower..<min(upper, commands.count)
    }
}

extension CommandQueue: Sendable where Waiter: Sendable {}
