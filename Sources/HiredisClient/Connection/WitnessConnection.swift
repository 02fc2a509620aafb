import NIOCore
import RESP

/// A second connection, made beside one whose replies are overdue, and closed as soon as it is signed in: it shows that
/// the server answers, and so that the fault is the first connection's. A server that is merely busy doesn't answer
/// here either, and keeps the first one. Used on its event loop only.
final class WitnessConnection: ConnectionEvents {
    private let connector: Connector<WitnessConnection>
    private let handshake: Handshake
    private let limits: RESPLimits
    private var handler: ConnectionHandler<WitnessConnection>?
    private var reader: RESPReader?
    private var steps: ArraySlice<HandshakeStep> = []
    private var completion: ((_ isAnswered: Bool) -> Void)?

    init(
        _ endpoint: RedisEndpoint, _ profile: ConnectionProfile, limits: RESPLimits, on eventLoop: any EventLoop
    ) {
        connector = Connector(profile, on: eventLoop) { endpoint }
        handshake = profile.handshake
        self.limits = limits
    }

    /// Whether an attempt is under way.
    var isAsking: Bool { completion != nil }

    /// Connects, unless an attempt is under way, and says whether the server answered; not after ``giveUp()``.
    func ask(_ completion: @escaping (_ isAnswered: Bool) -> Void) {
        guard self.completion == nil else { return }
        self.completion = completion
        steps = handshake.steps[...]
        reader = try? RESPReader(limits: limits)
        connector.connect(adopt: { [self] in adopt($0) }, lost: { [self] _ in end(false) })
    }

    func giveUp() {
        completion = nil
        end(false)
    }

    func received(_ buffer: ByteBuffer) {
        let isComplete = buffer.withUnsafeReadableBytes { bytes -> Bool? in
            var rest = bytes
            do throws(RESPError) {
                while !rest.isEmpty {
                    let step = min(rest.count, RESPReader.maximumStep)
                    try reader?.feed(UnsafeRawBufferPointer(rebasing: rest[..<step]))
                    rest = UnsafeRawBufferPointer(rebasing: rest[step...])
                    while try reader?.next() == true {
                        guard let reply = reader?.take().reply, let step = steps.popFirst(),
                            step.refusal(by: reply) == nil
                        else { return false }
                    }
                }
            } catch {
                return false
            }
            return steps.isEmpty ? true : nil
        }
        if let isComplete { end(isComplete) }
    }

    func writabilityChanged(_ isWritable: Bool) {}

    func lost(_ reason: RedisError) { end(false) }

    private func adopt(_ handler: ConnectionHandler<WitnessConnection>) {
        self.handler = handler
        handler.driver = self
        handler.write(ByteBuffer(bytes: handshake.request.bytes))
    }

    private func end(_ isAnswered: Bool) {
        connector.giveUp()
        handler?.close()
        handler = nil
        reader = nil
        completion.take()?(isAnswered)
    }
}
