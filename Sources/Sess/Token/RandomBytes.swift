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
            let range = page.used..<page.used + output.count
            page.bytes.withUnsafeMutableBytes { bytes in
                let fresh = UnsafeMutableRawBufferPointer(rebasing: bytes[range])
                output.copyMemory(from: UnsafeRawBufferPointer(fresh))
                fresh.initializeMemory(as: UInt8.self, repeating: 0)
            }
            page.used = range.upperBound
        }
    }

    private static func readSystem(_ buffer: UnsafeMutableRawBufferPointer) {
        #if canImport(Darwin)
        if let base = buffer.baseAddress { arc4random_buf(base, buffer.count) }
        #else
        // getentropy gives at most 256 bytes a call.
        for start in stride(from: 0, to: buffer.count, by: 256) {
            let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(start + 256, buffer.count)])
            guard let base = chunk.baseAddress, getentropy(base, chunk.count) == 0 else {
                // Without entropy every token could be guessed: there is no safe way to go on.
                fatalError("the system's random generator failed with error \(errno)")
            }
        }
        #endif
    }
}
