public import HTTPTypes
import Logging

/// The session of one request, from its beginning to the response: what an adapter does, written once.
///
/// An adapter makes one for each request and runs the handler in it. The session then is at
/// ``RequestSessions/session(of:)``:
///
/// ```swift
/// let exchange = SessionExchange(manager, in: context.requestSessions)
/// return try await exchange.run(
///     description,
///     headerFields: \.headers,
///     isResponse: { $0 is any HTTPResponseError },
///     carry: { error, add in … }
/// ) {
///     try await next(request, context)
/// }
/// ```
///
/// A handler's error that is a response has the session saved as any other response; after every other error nothing is
/// saved. A session that can't be read or stored fails the request with a ``SessionError``; then nothing of the
/// request's other systems is saved either. Whatever happens, the client learns of a token that was replaced before.
public struct SessionExchange: Sendable {
    private let manager: SessionManager
    private let system: any SessionSystem.Type
    private let sessions: RequestSessions

    /// Makes the exchange of a request.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the session.
    ///   - system: Names the session's system, for an app that has several.
    ///   - sessions: The request's place for its sessions.
    public init(
        _ manager: SessionManager,
        system: any SessionSystem.Type = MainSessions.self,
        in sessions: RequestSessions
    ) {
        self.manager = manager
        self.system = system
        self.sessions = sessions
    }

    /// Adds what the client has to know of its sessions to the header fields of a response.
    public typealias Addition = @Sendable (inout HTTPFields) -> Void

    /// Begins the session, runs the handler, and saves the session before the response leaves.
    ///
    /// Where a middleware before has begun the same session, this runs the handler alone.
    ///
    /// - Parameters:
    ///   - request: Describes the request; `nil` for one that takes no part in sessions.
    ///   - headerFields: The header fields of a response.
    ///   - isResponse: Whether a handler's error is a response of its choice.
    ///   - carry: Has an error carry what the client has to know into whatever response is made of it. A
    ///     ``SessionError`` may take it in ``SessionError/sessionHeaderFields``.
    ///   - handler: Makes the response.
    /// - Throws: The handler's error as `carry` returns it; ``SessionError`` where the session could not be read or
    ///   saved.
    public func run<Response>(
        _ request: SessionRequest?,
        headerFields: any WritableKeyPath<Response, HTTPFields> & Sendable,
        isResponse: (any Error) -> Bool,
        carry: (any Error, @escaping Addition) -> any Error,
        handler: () async throws -> Response
    ) async throws -> Response {
        if sessions.hasSession(of: system, by: manager) { return try await handler() }
        guard manager.store.hasDeadline else {
            return try await respond(request, headerFields, isResponse, carry, handler)
        }
        return try await manager.withStoreDeadline {
            try await respond(request, headerFields, isResponse, carry, handler)
        }
    }

    private func respond<Response>(
        _ request: SessionRequest?,
        _ headerFields: any WritableKeyPath<Response, HTTPFields> & Sendable,
        _ isResponse: (any Error) -> Bool,
        _ carry: (any Error, @escaping Addition) -> any Error,
        _ handler: () async throws -> Response
    ) async throws -> Response {
        let session: Session
        do {
            session = if let request { try await manager.begin(request) } else { manager.optOut() }
            try sessions.attach(session, manager: manager, system: system)
        } catch {
            throw failed(error)
        }
        var response: Response
        do {
            response = try await handler()
        } catch {
            throw await settle(error, of: session, isResponse, carry)
        }
        if sessions.hasFailed {
            manager.finishWithoutSaving(session, headerFields: &response[keyPath: headerFields])
            return response
        }
        do {
            try await manager.finish(session, headerFields: &response[keyPath: headerFields])
        } catch {
            throw refusal(error, of: session, carry)
        }
        return response
    }

    /// Decides what becomes of a handler's error.
    private func settle(
        _ error: any Error,
        of session: Session,
        _ isResponse: (any Error) -> Bool,
        _ carry: (any Error, @escaping Addition) -> any Error
    ) async -> any Error {
        let ownFields: Addition = { [manager] in manager.finishWithoutSaving(session, headerFields: &$0) }
        if let error = error as? SessionError { return carry(failed(error), ownFields) }
        guard isResponse(error), !sessions.hasFailed else { return carry(error, ownFields) }
        do {
            // The error's own header fields follow.
            var unused = HTTPFields()
            try await manager.finish(session, headerFields: &unused)
        } catch {
            return refusal(error, of: session, carry)
        }
        return carry(error, ownFields)
    }

    /// The error of a session that could not be stored. What was stored before in the request, the client learns.
    private func refusal(
        _ error: SessionError, of session: Session, _ carry: (any Error, @escaping Addition) -> any Error
    ) -> any Error {
        carry(failed(error), { [sessions] in sessions.addHeaderFields(from: session, to: &$0) })
    }

    /// Notes that the request failed because of a session. Exchanges within each other pass one error on, and log it
    /// once.
    private func failed(_ error: SessionError) -> SessionError {
        guard sessions.noteFailure(), error.code != .cancelled else { return error }
        // A request that is refused is its client's affair; a store that can't serve has been logged.
        let isRefusal = error.responseStatus.kind == .clientError || error.code == .storeUnavailable
        manager.log(
            isRefusal ? .debug : .error, "a session could not be read or saved", reason: "\(error.code)",
            metadata: ["error": "\(error)"])
        return error
    }
}
