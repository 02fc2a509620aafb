import Modeler

/// What a session keeps of its request, where the options ask for it.
final class RequestDetails: Sendable {
    /// The cookie as it is for this request.
    let cookie: SessionCookie
    let parser: CookieParser
    let request: SessionRequest

    init(cookie: SessionCookie, request: SessionRequest) {
        self.cookie = cookie
        parser = CookieParser(name: cookie.name)
        self.request = request
    }
}

extension SessionManager {
    /// The details of a request; `nil` where the options make the same of all of them.
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
            throw SessionError(.invalidConfiguration, "cookieForRequest threw for a request", underlying: error)
        }
    }

    /// Runs a function on the cookie of a request, without a copy of it.
    func withCookie<Result>(of details: RequestDetails?, _ body: (SessionCookie) -> Result) -> Result {
        if let details { body(details.cookie) } else { body(options.cookie) }
    }

    /// An id for a new session.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` where the app makes an id that can't be one.
    func newID(for details: RequestDetails?) throws(SessionError) -> ModelID {
        guard let makeID = options.makeID, let details else { return SessionToken.randomID() }
        do {
            return try ModelID(makeID(details.request))
        } catch {
            throw SessionError(
                .invalidConfiguration, "makeID returned an invalid id: \(error.message)", underlying: error)
        }
    }
}
