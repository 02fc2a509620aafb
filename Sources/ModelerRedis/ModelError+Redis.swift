import HiredisClient
import Modeler

extension ModelError {
    /// A collection's view of its client's error.
    init(redis error: RedisError, fileID: StaticString = #fileID, line: UInt = #line) {
        self.init(Self.code(of: error.code), error.description, underlying: error, fileID: fileID, line: line)
    }

    /// A collection's view of its client's error about something that only reads: nothing is in doubt where its answer
    /// is lost.
    init(reading error: RedisError, fileID: StaticString = #fileID, line: UInt = #line) {
        var code = Self.code(of: error.code)
        if code == .outcomeUnknown { code = error.code == .timeout ? .timeout : .unavailable }
        self.init(code, error.description, underlying: error, fileID: fileID, line: line)
    }

    private static func code(of code: RedisError.Code) -> Code {
        switch code {
        case .notSent, .connectFailed, .shutDown: return .unavailable
        case .timeoutNotSent: return .timeout
        case .overloaded: return .overloaded
        case .cancelledNotSent, .cancelled: return .cancelled
        case .outcomeUnknown, .timeout, .protocolError, .connectionClosed: return .outcomeUnknown
        default: break
        }
        switch code.serverErrorKind {
        case .loading, .masterDown, .readOnly, .noReplicas, .clusterDown, .tryAgain, .busy, .misconfigured:
            return .unavailable
        case .outOfMemory: return .full
        case .noAuth, .wrongPassword, .noPermission, .moved, .ask: return .misconfigured
        case .wrongType: return .unreadable
        default: return .storeRefused
        }
    }
}
