#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The standard output and the standard error. Lines leave at once.
enum Terminal {
    /// A line of a command's result.
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// A line about the work: errors, hints, the audit.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// How far long work has come, on one line of a terminal; nothing where the standard error is a file.
    static func progress(_ text: String?) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1B}[K" + (text ?? ""), to: STDERR_FILENO)
    }

    static func exit(_ code: Int32) -> Never { _exit(code) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            #if canImport(Glibc)
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            #elseif canImport(Musl)
            let count = bytes.withUnsafeBytes { Musl.write(descriptor, $0.baseAddress, $0.count) }
            #else
            let count = bytes.withUnsafeBytes { Darwin.write(descriptor, $0.baseAddress, $0.count) }
            #endif
            // A closed pipe means that nobody reads.
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }
}
