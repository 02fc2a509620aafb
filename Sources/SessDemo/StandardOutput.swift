import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lines for whoever started the program. They leave at once, also into a pipe.
enum StandardOutput {
    static func writeLine(_ line: String) {
        var bytes = Array("\(line)\n".utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // A closed pipe means that nobody reads the line.
            guard written > 0 else { return }
            bytes.removeFirst(written)
        }
    }
}
