/// What a subscription to a channel tells.
package enum SubscriptionSignal: Sendable, Hashable {
    /// The subscription has just begun, or a message has come: whatever is published from here on is told.
    case told
    /// What is published may be missed, until the next ``told``.
    case untold
    /// The client is shut down: nothing more comes.
    case closed
}
