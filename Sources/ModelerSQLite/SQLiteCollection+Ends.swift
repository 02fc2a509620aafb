public import Modeler

extension SQLiteCollection: EndSignalCollection {
    /// Says when to look whether a model is still there. What collections on this ``SQLiteFile`` remove is told at
    /// once, what others remove, in this process or another, within a quarter of a second.
    public func endSignals(of id: ModelID) -> AsyncStream<EndSignal> {
        file.ends.signals(of: EndPoll.Key(collection: name, id: id), in: file)
    }

    func tellEnd(of id: ModelID) {
        file.ends.listeners.tell(EndPoll.Key(collection: name, id: id))
    }
}
