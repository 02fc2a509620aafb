import Modeler

/// The request and the response that a session belongs to: how the client sent its token, and what the response has to
/// tell it.
struct Exchange: Sendable {
    /// How the client has sent its token, or is to get it.
    var transport = SessionTransport.cookie
    /// The session whose valid token the client sent with this request; `nil` for none.
    var presented: ModelID?
    /// Whether the app has asked for anything of the session: the response then varies by the client's token.
    var wasUsed = false
    /// Whether the app has got the token's text, to put it into the response.
    var wasRevealed = false
    /// Whether the response's head has left: the client can learn nothing more.
    var isFinished = false

    /// Whether this request has made the token that the client is to get.
    var hasIssued = false
    /// Whether this request has ended the session that the client had.
    var hasEnded = false
    /// Whether the token is to be sent again, once a write has confirmed that it is the current one.
    var resends = false
    /// Whether a write of this request has confirmed that the client's token is the current one.
    var isConfirmed = false
    /// Whether a write of this request has moved the deadline.
    var hasNewDeadline = false

    /// What the request goes on with once it has let go of its session: nothing of the former session's token.
    var afterSession: Exchange {
        var exchange = self
        exchange.hasIssued = false
        exchange.resends = false
        exchange.isConfirmed = false
        exchange.hasNewDeadline = false
        return exchange
    }
}
