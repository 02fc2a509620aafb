/// What a peer may send. Each is checked when the size is announced, before memory is taken for it.
package struct RESPLimits: Sendable, Hashable {
    /// The longest bulk string, in bytes.
    package var maximumBulkBytes: Int
    /// The longest status or error line, in bytes.
    package var maximumLineBytes: Int
    /// The most elements that one reply may announce, over all its arrays.
    package var maximumElements: Int
    /// How many arrays may be nested. hiredis 0.14 can read no more than 8.
    package var maximumDepth: Int
    /// The most string bytes that one reply may hold.
    package var maximumReplyBytes: Int

    package init(
        maximumBulkBytes: Int = 16 << 20,
        maximumLineBytes: Int = 16 << 10,
        maximumElements: Int = 1 << 20,
        maximumDepth: Int = 7,
        maximumReplyBytes: Int = 64 << 20
    ) {
        // A node counts bytes and elements in 32 bits.
        let most = Int(Int32.max)
        self.maximumBulkBytes = min(maximumBulkBytes, most)
        self.maximumLineBytes = min(maximumLineBytes, most)
        self.maximumElements = min(maximumElements, most)
        self.maximumDepth = min(maximumDepth, 7)
        self.maximumReplyBytes = min(maximumReplyBytes, most)
    }
}
