/// What a client does in one step of an interleaving.
public enum ClientAction: Sendable, Hashable, CaseIterable {
    /// Reads the model and remembers it.
    case read
    /// Adds 1 to the counter it has read, expecting the counter's revision that it has read.
    case add
    /// Writes the model's note, expecting the model's revision that it has read.
    case save
    /// Writes a field of its own, asserting the token it has read.
    case write
    /// Replaces the token it has read by a new one, as a sign-in does.
    case rotate
    /// Starts the idle limit anew.
    case touch
    /// Removes the model.
    case remove
    /// Removes the model, expecting the revision that it has read.
    case removeRead
}
