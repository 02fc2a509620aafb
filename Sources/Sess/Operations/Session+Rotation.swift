import Modeler

extension Session {
    /// Replaces the client's token and keeps the session and its data; pending changes are saved in the same write.
    /// The old token is dead at once, on every server. Do this when somebody gains rights.
    ///
    /// Where the store's answer is lost, the session goes on with whichever token holds: call this again, or let the
    /// request fail. The client then gets both in one text, and its next request settles which.
    ///
    /// - Parameter grace: How long the old token is still accepted, for requests under way; none unless stated. With a
    ///   grace, of several requests that do this with one token the first replaces it: the others' changes are saved
    ///   and the client keeps the token that the first one got.
    /// - Throws: As ``save()``; `responseSent` after the response's head has left, `noClient` for a session that was
    ///   reached by its id.
    public func rotate(grace: Duration = .zero) async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        let rotation = try withMachine { (machine) throws(SessionError) in
            if case .notAsked = machine.client {
                throw SessionError(.noClient, "\(machine.model.id) was reached by its id: nobody can get a new token")
            }
            if machine.exchange.isFinished { throw SessionError(responseSentFor: "a rotation") }
            return machine.rotation(grace: grace)
        }
        try await Saver(self).run(SaveCall(.save, rotation: rotation))
    }
}

extension SessionMachine {
    /// Whether the token is as old as tokens get, and this request's response can bring another one.
    func isRotationDue(every interval: Duration) -> Bool {
        guard case .stored(let record) = phase, client.token != nil, !client.isGraced,
            exchange.transport != .bearer, let token = record.token
        else { return false }
        let issued = token.previous?.replaced ?? record.model.created
        return record.storeTime.milliseconds - issued.milliseconds >= interval.wholeMilliseconds
    }
}
