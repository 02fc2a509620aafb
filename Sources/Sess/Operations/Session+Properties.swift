public import Modeler

extension Session {
    /// The timeouts in force: the session's own where it has some, otherwise those of ``SessionOptions/timeouts``. What
    /// ``setTimeouts(_:)`` has set counts at once.
    public var timeouts: Expiry {
        observe { machine in
            if let limits = machine.changes.limits { return limits.expiry }
            guard let record = machine.record else { return manager.rules.limits.anonymous }
            return record.model.lifetime?.expiry ?? Expiry()
        }
    }

    /// Whether the client's cookie outlives the browser's session; see ``remember(timeouts:)``.
    public var isRemembered: Bool {
        observe { $0.changes.isPersistent ?? $0.record?.isPersistent ?? false }
    }

    /// How the client has sent its token, or is to get it; `nil` for a session that was reached by its id.
    public var transport: SessionTransport? {
        observe { machine in
            if case .notAsked = machine.client { return nil }
            return machine.exchange.transport
        }
    }
}
