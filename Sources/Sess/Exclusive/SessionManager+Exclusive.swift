import Modeler

extension SessionManager {
    /// Runs ``Session/withExclusiveAccess(timeout:lease:maximumWaiters:_:)``.
    func exclusive<Result>(
        _ session: Session,
        timeout: Duration,
        lease: Duration,
        maximumWaiters: Int,
        _ body: (ExclusiveSection) async throws -> Result
    ) async throws -> Result {
        try Self.checkSection(timeout: timeout, lease: lease, maximumWaiters: maximumWaiters)
        try session.requireAttached()
        let id = session.id
        let place = Place(manager: ObjectIdentifier(self), id: id)
        guard !Self.sections.contains(place) else {
            throw SessionError(.busy, "this task is in the exclusive section of \(id) already; sections don't nest")
        }
        let deadline = Self.instant(after: timeout)
        switch await sectionLine.enter(id, until: deadline, maximum: maximumWaiters) {
        case .entered: break
        case .cancelled: throw CancellationError()
        case .full: throw SessionError(.busy, "\(maximumWaiters) requests wait for the exclusive section of \(id)")
        case .timedOut: throw Self.timedOut(id)
        }
        defer { sectionLine.leave(id) }
        let section = try await enterSection(of: session, until: deadline, lease: lease)
        let keeper = Self.withoutStoreDeadline { Task { await self.keep(section, of: session, lease: lease) } }
        do {
            let result = try await Self.$sections.withValue(Self.sections.union([place])) { try await body(section) }
            await end(keeper)
            // The caller may have been cancelled; others must not have to wait for the lease's end.
            try await Self.withoutStoreDeadline { Task { try await session.saveAndLeaveSection() } }.value
            await leave(session, dropsChanges: false)
            return result
        } catch {
            await end(keeper)
            await leave(session, dropsChanges: true)
            throw error
        }
    }

    /// A section of one manager.
    private struct Place: Hashable {
        var manager: ObjectIdentifier
        var id: ModelID
    }

    /// The sections that this task is in.
    @TaskLocal private static var sections: Set<Place> = []

    private static func checkSection(timeout: Duration, lease: Duration, maximumWaiters: Int) throws(SessionError) {
        guard timeout >= .zero, lease >= .milliseconds(100), maximumWaiters >= 0 else {
            throw SessionError(
                .invalidConfiguration,
                "an exclusive section's wait is zero or more, its lease 100 milliseconds or more, and as many may wait"
            )
        }
    }

    private static func timedOut(_ id: ModelID) -> SessionError {
        SessionError(.busy, "another request was in the exclusive section of \(id) for too long")
    }

    private func leave(_ session: Session, dropsChanges: Bool) async {
        await Self.withoutStoreDeadline { Task { await session.leaveSection(dropsChanges: dropsChanges) } }.value
    }

    /// Whether this task runs in the exclusive section of a session.
    func isInSection(of id: ModelID) -> Bool {
        Self.sections.contains(Place(manager: ObjectIdentifier(self), id: id))
    }

    private func end(_ keeper: Task<Void, Never>) async {
        keeper.cancel()
        await keeper.value
    }

    /// Asks the store until the section is this request's.
    private func enterSection(
        of session: Session, until deadline: ContinuousClock.Instant, lease: Duration
    ) async throws -> ExclusiveSection {
        let holder = UInt64.random(in: .min ... .max)
        var attempt = 0
        while true {
            let entry: SectionEntry
            let end = Self.end(of: lease)
            do {
                entry = try await tryEnterSection(of: session, holder: holder, lease: lease)
            } catch {
                // The attempt may have been applied and its answer lost.
                if error.code == .storeUnavailable {
                    let id = session.id
                    Self.withoutStoreDeadline { _ = Task { await session.abandonSection(id, holder: holder) } }
                }
                throw error
            }
            switch entry {
            case .entered(let revision): return ExclusiveSection(fencingToken: revision, until: end)
            case .unstored: return ExclusiveSection(fencingToken: 0, until: nil)
            case .taken(let remaining):
                guard .now < deadline else { throw Self.timedOut(session.id) }
                try await Task.sleep(until: Self.nextAttempt(attempt, remaining, deadline), clock: .continuous)
                attempt += 1
            }
        }
    }

    /// Asks the store once, on its own deadline: the wait for the section has one of its own.
    private func tryEnterSection(
        of session: Session, holder: UInt64, lease: Duration
    ) async throws(SessionError) -> SectionEntry {
        // The task-local's own function rethrows untyped.
        let entry = await StoreBudget.$current.withValue(nil) {
            do throws(SessionError) {
                return Result<SectionEntry, SessionError>.success(
                    try await session.tryEnterSection(holder: holder, lease: lease))
            } catch {
                return .failure(error)
            }
        }
        return try entry.get()
    }

    /// Renews the lease until it is cancelled.
    private func keep(_ section: ExclusiveSection, of session: Session, lease: Duration) async {
        guard section.fencingToken > 0 else { return }
        while !Task.isCancelled {
            guard (try? await Task.sleep(until: Self.renewal(of: lease), clock: .continuous)) != nil else { return }
            let until = Self.end(of: lease)
            // A store that can't serve now may do so before the lease ends.
            guard let isHeld = try? await session.renewSection(lease: lease) else { continue }
            guard isHeld else {
                section.lose()
                return
            }
            section.extend(to: until)
        }
    }
}

// Functions of their own: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer
// of a duration's arithmetic across a suspension.
extension SessionManager {
    @inline(never)
    private static func instant(after duration: Duration) -> ContinuousClock.Instant { .now + duration }

    /// When a lease that is asked for now is taken to end: a tenth earlier than in the store, whose clock is known only
    /// as it was when its last answer left.
    @inline(never)
    private static func end(of lease: Duration) -> ContinuousClock.Instant { .now + (lease - lease / 10) }

    @inline(never)
    private static func renewal(of lease: Duration) -> ContinuousClock.Instant { .now + lease / 4 }

    /// A random time from now that grows with the attempts, no later than the lease's end or the deadline.
    @inline(never)
    private static func nextAttempt(
        _ attempt: Int, _ remaining: Duration, _ deadline: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        let longest = min(8 << min(attempt, 4), 100)
        let pause = Duration.milliseconds(Int.random(in: longest / 2...longest))
        return min(.now + min(pause, remaining), deadline)
    }
}
