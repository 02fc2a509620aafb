import GRDB
import Modeler

extension ModelError {
    /// A collection's view of what SQLite says. The message has no statement and no value in it.
    init(sqlite error: any Error, fileID: StaticString = #fileID, line: UInt = #line) {
        if let error = error as? ModelError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.storeRefused, "\(error)", underlying: error, fileID: fileID, line: line)
            return
        }
        let message = "SQLite: \(error.message ?? "no message") (\(error.extendedResultCode.rawValue))"
        self.init(Self.code(of: error.resultCode), message, underlying: error, fileID: fileID, line: line)
    }

    private static func code(of code: ResultCode) -> Code {
        switch code {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_INTERRUPT,
            .SQLITE_ABORT:
            .unavailable
        case .SQLITE_FULL: .full
        case .SQLITE_TOOBIG: .tooLarge
        case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_FORMAT, .SQLITE_MISMATCH: .damaged
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .misconfigured
        default: .storeRefused
        }
    }
}

extension Error {
    /// Whether another connection holds a lock.
    var isBusy: Bool {
        guard let error = self as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
    }
}
