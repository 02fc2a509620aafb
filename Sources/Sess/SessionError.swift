public import HTTPTypes
import Modeler

/// Why a session could not be read, written or configured.
///
/// Descriptions name session ids and field names, never a token, a cookie or a value.
public struct SessionError: Error, Sendable, CustomStringConvertible {
    /// The kind of a ``SessionError``.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case storeUnavailable, gone, conflict, invalidField, tooLarge, detached, invalidConfiguration, unreadable
            case tooManySessions, invalidUser, notSignedIn, busy, sectionLost, unreadableHere, cancelled
            case noClient, responseSent, signInTooOld
        }
        private let base: Base
        private init(_ base: Base) { self.base = base }

        /// The store can't be reached, can't serve now, lost its answer, or was down when the request began. Answer the
        /// request with 503.
        public static let storeUnavailable = Code(.storeUnavailable)
        /// The session ended while the request ran: it was destroyed, it expired, or its token was replaced.
        public static let gone = Code(.gone)
        /// Another request wrote the same field, and the field's policy is to fail. Answer the request with 409.
        public static let conflict = Code(.conflict)
        /// A field's name or value can't be stored.
        public static let invalidField = Code(.invalidField)
        /// The session is larger than the manager accepts.
        public static let tooLarge = Code(.tooLarge)
        /// The session can't be saved: the request takes no part in sessions.
        public static let detached = Code(.detached)
        /// An option is wrong.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// The user has as many sessions as are allowed, and the policy is to refuse.
        public static let tooManySessions = Code(.tooManySessions)
        /// A user's id is empty or longer than 256 bytes.
        public static let invalidUser = Code(.invalidUser)
        /// Nobody is signed in to the session.
        public static let notSignedIn = Code(.notSignedIn)
        /// Other requests were in an exclusive section for too long, or too many wait for it. Answer the request with
        /// 409 and let it be tried again.
        public static let busy = Code(.busy)
        /// The request was in an exclusive section, its lease has ended, and somebody else has entered: nothing more is
        /// saved. Answer the request with 409.
        public static let sectionLost = Code(.sectionLost)
        /// A stored value is not of the type asked for, or a record is none that anybody can read.
        public static let unreadable = Code(.unreadable)
        /// The session's record is of a newer layout or schema, or under a key that this server doesn't have.
        public static let unreadableHere = Code(.unreadableHere)
        /// The calling task was cancelled, as where the client has gone away.
        public static let cancelled = Code(.cancelled)
        /// The response's head has left: the client can't be told of a new token any more.
        public static let responseSent = Code(.responseSent)
        /// The session was reached by its id: there is no client to give a token to.
        public static let noClient = Code(.noClient)
        /// The user signed in too long ago for what is asked. Answer the request with 403, and let the user sign in
        /// again.
        public static let signInTooOld = Code(.signInTooOld)

        public var description: String { base.rawValue }
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong and what would be right.
    public let message: String
    /// The error beneath this one, if any.
    public let underlying: (any Error)?
    /// Where in the source the error arose.
    public let location: String
    /// What the response has to tell the client of its sessions, such as a token that was replaced before the error:
    /// for adapters. Part of ``responseHeaderFields``.
    public var sessionHeaderFields: HTTPFields = [:]

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        underlying: (any Error)? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.location = "\(fileID):\(line)"
    }

    public var description: String { "\(code): \(message)" }

    /// The session's view of an error of its store.
    init(store error: ModelError, fileID: StaticString = #fileID, line: UInt = #line) {
        let code: Code =
            switch error.code {
            case .tooLarge: .tooLarge
            case .invalidField, .invalidJSON, .invalidChange: .invalidField
            case .unreadable: .unreadable
            case .unreadableHere: .unreadableHere
            case .cancelled: .cancelled
            default: .storeUnavailable
            }
        self.init(code, error.description, underlying: error, fileID: fileID, line: line)
    }
}
