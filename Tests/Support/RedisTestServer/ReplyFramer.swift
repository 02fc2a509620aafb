/// Splits a server's bytes into whole RESP2 replies, so that a proxy can drop, double or swap them.
public struct ReplyFramer: Sendable {
    private var buffered: [UInt8] = []

    public init() {}

    /// The replies that are complete with these bytes.
    public mutating func frames(_ bytes: [UInt8]) -> [[UInt8]] {
        buffered += bytes
        var frames: [[UInt8]] = []
        var start = 0
        while let end = ReplyFramer.end(of: buffered, from: start) {
            frames.append(Array(buffered[start..<end]))
            start = end
        }
        buffered.removeFirst(start)
        return frames
    }

    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count, let feed = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        let next = feed + 1
        let count = Int(String(decoding: bytes[(start + 1)..<(feed - 1)], as: UTF8.self)) ?? 0
        switch bytes[start] {
        case 0x24:
            let end = count < 0 ? next : next + count + 2
            return end <= bytes.count ? end : nil
        case 0x2A:
            var position = next
            for _ in 0..<max(count, 0) {
                guard let end = end(of: bytes, from: position) else { return nil }
                position = end
            }
            return position
        default:
            return next
        }
    }
}
