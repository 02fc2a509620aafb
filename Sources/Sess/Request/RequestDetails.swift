import Metrics
import Modeler

/// What a session keeps of its request, where the options ask for it.
final class RequestDetails: Sendable {
    /// The cookie as it is for this request.
    let cookie: SessionCookie
    let request: SessionRequest

    init(cookie: SessionCookie, request: SessionRequest) {
        self.cookie = cookie
        self.request = request
    }
}

extension SessionManager {
    /// What the options make of a request; `nil` where they are the same for all of them.
    func details(of request: SessionRequest) throws(SessionError) -> RequestDetails? {
        guard options.cookieForRequest != nil || options.makeID != nil else { return nil }
        guard let cookieForRequest = options.cookieForRequest else {
            return RequestDetails(cookie: options.cookie, request: request)
        }
        do {
            return RequestDetails(cookie: try cookieForRequest(request, options.cookie), request: request)
        } catch let error as SessionError {
            throw error
        } catch {
            throw SessionError(.invalidConfiguration, "there is no cookie for a request", underlying: error)
        }
    }

    /// An id for a new session.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` where the app makes an id that can't be one.
    func newID(for details: RequestDetails?) throws(SessionError) -> ModelID {
        guard let makeID = options.makeID, let details else { return SessionToken.randomID() }
        do {
            return try ModelID(makeID(details.request))
        } catch {
            throw SessionError(.invalidConfiguration, "makeID gave what is no id: \(error.message)", underlying: error)
        }
    }

    /// What a client is to hold of its token; `nil` where there is none.
    func text(of state: SessionState) -> String? {
        guard let token = state.token else { return nil }
        let text = state.doubtfulTokenForClient.map { token.text(or: $0) } ?? token.text
        return options.signingKeys?.signed(text, for: options.cookie.name) ?? text
    }

    /// The token that a client holds, or two, one of which holds, the newer first; none where the text is no token, or
    /// one that no key has signed.
    func tokens(_ text: ArraySlice<UInt8>) -> (SessionToken, SessionToken?)? {
        var text = text
        if let keys = options.signingKeys {
            guard text.count <= SessionToken.maximumLength + SessionToken.pairLength + SigningKeys.signatureLength,
                let verified = keys.verified(text, for: options.cookie.name)
            else {
                metrics.forged.increment()
                return nil
            }
            text = verified
        }
        let allowsAnyID = options.makeID != nil
        if let token = SessionToken(text, allowsAnyID: allowsAnyID) { return (token, nil) }
        return SessionToken.pair(text, allowsAnyID: allowsAnyID).map { ($0.second, $0.first) }
    }
}
