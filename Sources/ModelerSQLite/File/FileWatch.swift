import GRDB
import Modeler

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Notices that the file is not what was opened any more: it or its log was removed or replaced, a newer version of the
/// library migrated it, or SQLite found it damaged.
///
/// SQLite goes on with a file that has no name any more: all that is written to it is gone with the process. Where only
/// the log was removed, the next process begins one of its own, and each overwrites what the other has written.
final class FileWatch: Sendable {
    /// What a path names.
    private struct Identity: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    private struct State {
        var lastLook: ContinuousClock.Instant?
        var damage: String?
    }

    /// How long reads go on at most after such a change. Writes look each time.
    static let readInterval = Duration.milliseconds(100)

    private let files: [(path: String, identity: Identity)]
    private let state = Guarded(State())

    /// A watch of a file that has just been opened, with its log.
    init(_ location: FileLocation) throws(ModelError) {
        var files: [(path: String, identity: Identity)] = []
        for path in [location.path, location.target + "-wal", location.target + "-shm"] {
            guard let identity = Identity(path) else { throw Self.moved(path) }
            files.append((path, identity))
        }
        self.files = files
    }

    /// Whether the file and its log are where they were.
    var isInPlace: Bool { files.allSatisfy { Identity($0.path) == $0.identity } }

    /// - Throws: ``ModelError/Code/unavailable`` where the file or its log was removed or replaced.
    func checkPlace() throws(ModelError) {
        for file in files where Identity(file.path) != file.identity { throw Self.moved(file.path) }
    }

    /// Looks at the place and, within a transaction, at the version.
    ///
    /// - Throws: Also ``ModelError/Code/unreadableHere`` where the file is of a newer version by now.
    func check(_ db: Database) throws {
        try checkPlace()
        try Schema.checkVersion(db)
    }

    /// As ``check(_:)``, unless somebody looked just now.
    func checkNowAndThen(_ db: Database) throws {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastLook, now - last < Self.readInterval { return false }
            state.lastLook = now
            return true
        }
        guard isDue else { return }
        do {
            try check(db)
        } catch {
            // Whoever comes next looks as well.
            state.withLock { $0.lastLook = nil }
            throw error
        }
    }

    // MARK: Damage

    /// Keeps that the file was found damaged. It stays so until it is opened anew.
    func note(_ error: ModelError) {
        guard error.code == .damaged else { return }
        state.withLock { $0.damage = $0.damage ?? error.message }
    }

    /// - Throws: ``ModelError/Code/damaged`` where any operation found damage since the file was opened.
    func checkDamage() throws(ModelError) {
        guard let damage = state.withLock({ $0.damage }) else { return }
        throw ModelError(.damaged, "an operation has found the file damaged (\(damage)); restore it from a copy")
    }

    private static func moved(_ path: String) -> ModelError {
        ModelError(
            .unavailable,
            "\(path) was removed or replaced while the file was open; stop all processes that use it, "
                + "put the file back without the log of another, and start them again")
    }
}
