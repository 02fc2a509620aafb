/// A collection that tells of models' ends as they happen, whichever process ends them.
public protocol EndSignalCollection: ModelCollection {
    /// Says when to look whether a model is still there.
    ///
    /// A signal is a reason to look, never proof that the model ended. A first one comes once it is known whether ends
    /// are told. Expiry need not be told: the model's lifetime says when to look. Of several signals that nobody has
    /// taken the last one is kept. The stream ends when nothing more will come.
    func endSignals(of id: ModelID) -> AsyncStream<EndSignal>
}

/// A reason to look whether a model is still there.
public enum EndSignal: Sendable, Hashable {
    /// The model may have ended, and from here on every removal is told.
    case told
    /// The model may have ended, and its removal may go untold until the next ``told``: the connection was lost, say.
    case untold
}
