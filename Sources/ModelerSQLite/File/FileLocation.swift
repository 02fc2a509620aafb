import Modeler

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a file is: by the path that it is opened by, and behind the symbolic links that the path ends in.
///
/// SQLite names the log for the file behind the links, and makes that file where it isn't there, with the permissions
/// that the process gives to any.
struct FileLocation: Sendable {
    /// The path as it was given, made absolute: the process may change its directory.
    let path: String
    /// The path of the file itself.
    let target: String

    private static let mostLinks = 40

    init(_ text: String) throws(ModelError) {
        guard !text.isEmpty, !text.hasPrefix(":"), !text.hasPrefix("file:"), !text.utf8.contains(0) else {
            throw ModelError(.misconfigured, "the path of a SQLite file names a file on the disk")
        }
        path = try text.hasPrefix("/") ? text : Self.currentDirectory() + "/" + text
        var target = path
        var links = 0
        while let next = Self.link(target) {
            links += 1
            guard links <= Self.mostLinks else {
                throw ModelError(.misconfigured, "\(text) is a symbolic link that leads nowhere")
            }
            target = next.hasPrefix("/") ? next : Self.directory(of: target) + next
        }
        self.target = target
    }

    private static let creation = Guarded(())

    /// Makes an empty file that only its owner can read, where there is none.
    func create() throws(ModelError) {
        // One at a time: closing a descriptor of a file drops every lock that this process holds on it, so the
        // descriptor must be gone before anybody else here can open the file.
        let problem: CInt = Self.creation.withLock { _ in
            let descriptor = open(target, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return errno }
            _ = fchmod(descriptor, 0o600)
            _ = close(descriptor)
            return 0
        }
        guard problem != 0, problem != EEXIST else { return }
        throw ModelError(.misconfigured, "\(path) can't be created: \(String(cString: strerror(problem)))")
    }

    private static func currentDirectory() throws(ModelError) -> String {
        guard let bytes = getcwd(nil, 0) else {
            throw ModelError(.misconfigured, "the process has no directory that a relative path could begin in")
        }
        defer { free(bytes) }
        return String(cString: bytes)
    }

    /// What a symbolic link says; `nil` for anything else.
    private static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A path up to its last slash.
    private static func directory(of path: String) -> String {
        String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
