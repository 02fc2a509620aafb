import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Random bytes of the system's secure generator, fetched by the page rather than eight at a time.
///
/// A byte is handed out once and wiped from the page as it is. Safe to use from any thread.
final class RandomBytes: Sendable {
    /// The process's page.
    static let shared = RandomBytes()

    private struct Page: Sendable {
        var bytes: [UInt8] = Array(repeating: 0, count: 4096)
        var used = 4096
    }

    private let page = Mutex(Page())

    /// Fills `output` with random bytes; at most 4,096 at once.
    func fill(_ output: UnsafeMutableRawBufferPointer) {
        precondition(output.count <= 4096, "at most a page of random bytes at once")
        page.withLock { page in
            if page.used + output.count > page.bytes.count {
                page.bytes.withUnsafeMutableBytes(Self.readSystem)
                page.used = 0
            }
            for index in 0..<output.count {
                output[index] = page.bytes[page.used + index]
                page.bytes[page.used + index] = 0
            }
            page.used += output.count
        }
    }

    private static func readSystem(_ buffer: UnsafeMutableRawBufferPointer) {
        #if canImport(Darwin)
        if let base = buffer.baseAddress { arc4random_buf(base, buffer.count) }
        #else
        var filled = 0
        while filled < buffer.count {
            let count = getrandom(buffer.baseAddress.map { $0 + filled }, buffer.count - filled, 0)
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                // Without entropy every token could be guessed: there is no safe way to go on.
                fatalError("the system's random generator failed with error \(errno)")
            }
        }
        #endif
    }
}
