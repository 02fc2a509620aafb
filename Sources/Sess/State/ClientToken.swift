import Modeler

/// The token by which a request reaches its session.
enum ClientToken: Sendable {
    /// None: the session is new, and gets one when it is stored.
    case unissued
    /// The client's, or the one that it is about to get.
    case held(Held)
    /// Not asked for: the session was reached by its id, for whoever looks after sessions.
    case notAsked

    struct Held: Sendable {
        var token: SessionToken
        /// Whether another one has replaced it, and it is within its grace: another response has brought the newer one,
        /// which this request's must not take away again.
        var isGraced = false
        /// A token that may have replaced it: the answer to the write that was to do so is lost.
        var inDoubt: SessionToken?
    }

    /// The token that is held.
    var token: SessionToken? {
        if case .held(let held) = self { held.token } else { nil }
    }

    /// Whether the token was replaced and is within its grace.
    var isGraced: Bool {
        if case .held(let held) = self { held.isGraced } else { false }
    }

    /// The token in doubt that the client is to get beside its own; `nil` where there is none. Its next request finds
    /// whichever holds, and gets that one alone.
    var tokenInDoubt: SessionToken? {
        if case .held(let held) = self, !held.isGraced { held.inDoubt } else { nil }
    }

    /// What a token is to its record.
    enum Status: Sendable, Equatable {
        /// The valid one; also for a session that was reached by its id.
        case current
        /// The one before, within its grace.
        case graced
        /// The one in doubt has replaced it, and is this client's.
        case replacedByDoubt
        /// It gives no access any more.
        case replaced
    }

    /// The status in a record as it is now.
    func status(in current: Model, _ namespace: TokenNamespace) -> Status {
        guard case .held(let held) = self else { return .current }
        guard let record = TokenRecord(current.fields) else { return .replaced }
        let now = current.lifetime?.now ?? current.updated
        if let inDoubt = held.inDoubt, record.standing(of: inDoubt.digest(in: namespace), now: now) == .current {
            return .replacedByDoubt
        }
        switch record.standing(of: held.token.digest(in: namespace), now: now) {
        case .current: return .current
        case .graced: return .graced
        case .replaced, .unknown: return .replaced
        }
    }

    /// Takes over what a record that was read now says of the token.
    mutating func note(_ status: Status) {
        guard case .held(var held) = self else { return }
        switch status {
        case .current: held.isGraced = false
        case .graced: held.isGraced = true
        case .replacedByDoubt: held = Held(token: held.inDoubt ?? held.token)
        case .replaced: return
        }
        self = .held(held)
    }

    /// A token may have been replaced: the answer to the write is lost.
    mutating func doubt(_ token: SessionToken) {
        guard case .held(var held) = self else { return }
        held.inDoubt = token
        self = .held(held)
    }
}
