import HTTPTypes
import Hummingbird
import Sess

extension SessionMiddleware {
    /// What becomes of a handler's error: one that is a response has the session saved like any other response. It goes
    /// on as what it is, so that an error middleware before this one finds it by its type.
    func settle(_ error: any Error, of session: Session, context: Context) async -> any Error {
        guard isResponse(error), !context.sessions.hasFailed else {
            if error is SessionError { context.sessions.noteFailure() }
            return adding(session, to: error)
        }
        do {
            // The error's own header fields follow.
            var unused = HTTPFields()
            try await manager.finish(session, headerFields: &unused)
        } catch {
            return refusal(error, of: session, context: context)
        }
        return adding(session, to: error)
    }

    /// The error of a session that could not be stored. What was stored before in the request, the client learns.
    func refusal(_ error: SessionError, of session: Session, context: Context) -> SessionError {
        context.sessions.noteFailure()
        var error = error
        context.sessions.finishWithoutSaving(from: session, headerFields: &error.sessionHeaderFields)
        return error
    }

    /// Whether an error is an answer that the handler has chosen.
    private func isResponse(_ error: any Error) -> Bool {
        switch error {
        case is SessionError: false
        case let error as FailedRequest: isResponse(error.underlying)
        default: error is any HTTPResponseError
        }
    }

    /// An error with what the client must learn of a session.
    private func adding(_ session: Session, to error: any Error) -> any Error {
        switch error {
        case var error as SessionError:
            manager.finishWithoutSaving(session, headerFields: &error.sessionHeaderFields)
            return error
        case var error as HTTPError:
            manager.finishWithoutSaving(session, headerFields: &error.headers)
            return error
        case var error as FailedRequest:
            manager.finishWithoutSaving(session, headerFields: &error.headerFields)
            return error
        default:
            var failed = FailedRequest(error)
            manager.finishWithoutSaving(session, headerFields: &failed.headerFields)
            // Nobody caches an error that isn't a response: what it varies by is of no use to anybody.
            let isNeeded =
                error is any HTTPResponseError
                ? !failed.headerFields.isEmpty : failed.headerFields.contains { $0.name != .vary }
            return isNeeded ? failed : error
        }
    }
}
