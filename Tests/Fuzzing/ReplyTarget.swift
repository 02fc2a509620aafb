import RESP

/// Whatever a peer sends, in whatever pieces, is the same replies or refused; and what is read can be written and read
/// again.
enum ReplyTarget {
    private static let small = RESPLimits(
        maximumBulkBytes: 64, maximumLineBytes: 24, maximumElements: 16, maximumDepth: 3, maximumReplyBytes: 96)

    static func run(_ input: [UInt8]) {
        // One way of three and one of two limits for each input: mutations of one input have them all.
        let choice = input.reduce(0) { $0 &+ Int($1) }
        let limits = choice & 1 == 0 ? RESPLimits() : small
        let whole = Outcome(of: [input[...]], limits: limits)
        let other =
            switch choice / 2 % 3 {
            case 0: Outcome(of: [input[..<(input.count / 2)], input[(input.count / 2)...]], limits: limits)
            case 1: Outcome(of: input.indices.map { input[$0...$0] }, limits: limits)
            default: Outcome(of: [input[...]], limits: limits, together: true)
            }
        require(other == whole, "in way \(choice / 2 % 3): \(other), whole: \(whole)")
        guard !whole.values.isEmpty else { return }
        let again = Outcome(of: [whole.values.flatMap(\.wire)[...]], limits: limits)
        require(again.values == whole.values && !again.isRefused, "written anew: \(again), first: \(whole)")
    }

    private struct Outcome: Equatable {
        var values: [ValueTree] = []
        var isRefused = false

        /// - Parameter together: Whether the replies are taken as one value, as those to one request are.
        init(of pieces: [ArraySlice<UInt8>], limits: RESPLimits, together: Bool = false) {
            guard var reader = try? RESPReader(limits: limits) else { fatalError("no reader") }
            var count = 0
            do throws(RESPError) {
                for piece in pieces {
                    try Self.feed(piece, to: &reader)
                    while try reader.next() {
                        count += 1
                        if !together { values.append(ValueTree(reader.take().reply)) }
                    }
                }
            } catch {
                isRefused = true
            }
            guard together, count > 0 else { return }
            if isRefused {
                // Behind a refusal nothing is taken: a part of another reply lies after those that are complete.
                self = Outcome(of: pieces, limits: limits)
                return
            }
            let replies = reader.take()
            require(replies.count == count, "\(replies.count) replies, not \(count)")
            values = (0..<count).map { ValueTree(replies[$0]) }
        }

        private static func feed(_ piece: ArraySlice<UInt8>, to reader: inout RESPReader) throws(RESPError) {
            var failure: RESPError?
            piece.withUnsafeBytes { bytes in
                do throws(RESPError) { try reader.feed(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }
}
