import RESP

/// A request on its way: from its submission until its last reply is consumed, whoever still waits for it.
struct PendingCommand<Waiter> {
    /// Unique on its connection; 0 for a question of the client's own.
    let id: UInt64
    /// Without its bytes once it is certain not to be sent again.
    var request: RESPRequest
    let retry: RetryPolicy
    /// Who waits; `nil` once they have been answered, while the reply is still to be consumed.
    var waiter: Waiter?
    /// How long it may take in all. Times are in nanoseconds.
    let timeout: UInt64
    /// When that time is over, on the monotonic clock.
    var deadline: UInt64 = 0
    /// When to give up on it where it is now; no later than its deadline.
    var expiry: UInt64 = 0
    var sentAt: UInt64 = 0
    /// How often it was sent.
    var attempts = 0

    init(id: UInt64, request: RESPRequest, retry: RetryPolicy, timeout: UInt64, waiter: Waiter) {
        self.id = id
        self.request = request
        self.retry = retry
        self.timeout = timeout
        self.waiter = waiter
    }
}

extension PendingCommand {
    /// A question of the client's own, for which nobody waits.
    static func ownQuestion(_ request: RESPRequest) -> PendingCommand {
        var command = PendingCommand(id: 0, request: request)
        command.expiry = .max
        return command
    }

    private init(id: UInt64, request: RESPRequest) {
        self.id = id
        self.request = request
        retry = .never
        waiter = nil
        timeout = 0
    }

    var isOwnQuestion: Bool { id == 0 }
}

extension PendingCommand: Sendable where Waiter: Sendable {}
