import ConfigurationKeys
import Modeler
import Sess

extension SessionSettings {
    typealias Row = KeyTable<SessionSettings>.Row

    private static let defaults = SessionSettings()
    private static let life = ConfigurationForm.duration(.milliseconds(1)...Expiry.longestLimit)
    private static let span = ConfigurationForm.duration(.zero...Expiry.longestLimit)
    private static let count = ConfigurationForm<Int>.number(1...Int.max)

    static let timeouts: [Row] = [
        .init(
            "session.idleTimeout", \.options.timeouts.idle, life.orNone, defaults: defaults,
            "how long a session lives after its last use"),
        .init(
            "session.absoluteTimeout", \.options.timeouts.absolute, life.orNone, defaults: defaults,
            "how long it lives after it began, however it is used"),
        .init(
            "session.anonymous.idleTimeout", \.anonymousIdle, life.optional, defaults: defaults,
            "a shorter idle timeout until somebody signs in"),
        .init(
            "session.anonymous.absoluteTimeout", \.anonymousAbsolute, life.optional, defaults: defaults,
            "a shorter absolute timeout until somebody signs in"),
        .init(
            "session.renewalWindow", \.options.timeouts.renewalWindow, span.optional, defaults: defaults,
            "how far a deadline may lag before a request that only reads moves it"),
    ]

    static let tokens: [Row] = [
        .init(
            "session.tokens.namespace", \.options.tokens.namespace,
            ConfigurationForm<String>.text("a text of at most 256 bytes").optional,
            defaults: defaults, "the namespace that tokens are valid in; without it the cookie's name"),
        .init(
            "session.tokens.signingKeys", \.options.tokens.signingKeys, SessionForms.signingKeys, defaults: defaults,
            isSecret: true, "the keys that sign tokens, the signing one first"),
        .init(
            "session.tokens.transports", \.options.tokens.transports,
            SessionForms.transport.list("a list of cookie, bearer and header:NAME"), defaults: defaults,
            "how clients carry their tokens, the preferred way first"),
        .init(
            "session.tokens.rotationInterval", \.options.tokens.rotationInterval, life.orNone, defaults: defaults,
            "after how long a token is replaced by itself"),
        .init(
            "session.tokens.rotationGrace", \.options.tokens.rotationGrace, span, defaults: defaults,
            "how long a token so replaced is accepted"),
        .init(
            "session.tokens.whenReused", \.options.tokens.whenReused,
            .choice(["report": .report, "endSession": .endSession]), defaults: defaults,
            "what happens when a replaced token turns up"),
    ]

    static let users: [Row] = [
        .init(
            "session.users.maximumSessions", \.options.users.maximumSessions, count.orNone, defaults: defaults,
            "the most sessions of one user at once"),
        .init(
            "session.users.whenTooManySessions", \.options.users.whenTooManySessions,
            .choice(["evictOldest": .evictOldest, "refuseNew": .refuseNew]), defaults: defaults,
            "what a sign-in does beyond that"),
        .init(
            "session.users.epochCheck", \.options.users.epochCheck,
            .choice(["onRenewal": .onRenewal, "everyRequest": .everyRequest]), defaults: defaults,
            "how often a signed-in session is checked against its user's epoch"),
    ]

    static let store: [Row] = [
        .init(
            "session.store.whenDown", \.options.store.whenDown,
            .choice(["fail": .fail, "readOnly": .readOnly, "anonymous": .anonymous]), defaults: defaults,
            "what a request does when the store can't serve"),
        .init(
            "session.store.deadline", \.options.store.deadline, life.orNone, defaults: defaults,
            "how long a request may wait for the store in all"),
        .init(
            "session.store.encryptionKeys", \.options.store.encryptionKeys, SessionForms.keyRing, defaults: defaults,
            isSecret: true, "the keys that seal values, the sealing one first"),
    ]

    static let others: [Row] = [
        .init(
            "session.rolling", \.options.rolling, .flag, defaults: defaults,
            "whether every request starts the idle timeout anew, at a write each"),
        .init(
            "session.whenDropped", \.options.whenDropped, .choice(["destroy": .destroy, "keep": .keep]),
            defaults: defaults, "what becomes of a session that its request drops"),
        .init(
            "session.whenChangesAreLost", \.options.whenChangesAreLost, .choice(["report": .report, "fail": .fail]),
            defaults: defaults, "what becomes of a request whose changes could not be stored"),
        .init(
            "session.trustedProxies", \.options.trustedProxies, SessionForms.proxies, defaults: defaults,
            "the proxies whose word on TLS is believed"),
        .init(
            "session.maximumBytes", \.options.maximumBytes, count, defaults: defaults,
            "the most bytes of a session's names and values"),
        .init(
            "session.maximumFields", \.options.maximumFields, count, defaults: defaults,
            "the most fields of a session"),
    ]
}
