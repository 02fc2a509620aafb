import Modeler

/// How a session stops to be this request's.
extension SessionMachine {
    /// It has ended by another's doing: nothing more is saved, and the client is told nothing.
    mutating func end() {
        phase = .ended(model.outline)
        letGo()
    }

    /// It takes no part any more.
    ///
    /// - Parameter id: The id that it goes on under; a random one unless stated.
    mutating func detach(_ reason: DetachedReason, now: Timestamp, id: ModelID? = nil) {
        phase = .detached(.unstored(id ?? SessionToken.randomID(), now: now), reason)
        client = .unissued
        letGo()
    }

    private mutating func letGo() {
        changes = Changes()
        attempt.settle()
        exchange = exchange.afterSession
    }

    /// Begins anew, as for a request that brought no session.
    mutating func beginAnew(now: Timestamp, id: ModelID) {
        phase = .fresh(id, began: now)
        client = .unissued
        letGo()
    }

    /// Gives a session that isn't stored another id.
    mutating func rename(to id: ModelID) {
        guard case .fresh(_, let began) = phase else { return }
        phase = .fresh(id, began: began)
    }

    /// Lets go of the record: the session reads as empty, and nothing of it is saved. The client is still told of a
    /// token that this request has made before.
    mutating func drop() {
        guard !isDetached else { return }
        let record = record
        var model = model.outline
        if record?.isPersistent == true { model.fields = self.model.fields.filter(ReservedField.persistent) }
        phase = .detached(model, .dropped(record))
        changes = Changes()
        attempt.settle()
        if record == nil { exchange = exchange.afterSession }
    }

    /// Takes the answer to the removal of a dropped session's record. Where another request has ended the session or
    /// replaced its token, the client is told nothing.
    mutating func takeDroppedRemoval(_ answer: StoreAnswer, now: Timestamp) {
        switch answer {
        case .removed:
            noteEnd(of: model.id)
            exchange = exchange.afterSession
        case .gone: detach(.ended, now: now)
        default: detach(.replaced, now: now)
        }
    }
}

extension Fields {
    /// The field of one name alone.
    fileprivate func filter(_ name: String) -> Fields { Fields(self[name].map { [$0] } ?? []) }
}
