import ArgumentParser
import Modeler
import Sess

/// Ends sessions.
struct EndCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End sessions: by their ids, of a user, or all.",
        discussion: """
            Without --yes it shows what would end. An end is seen at the next request on every server, and at once \
            where ends are watched. --all asks for the collection's name, as --i-mean sessions; where it is \
            interrupted, what has ended stays so, and calling it again goes on.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var destroying: DestroyingOptions

    @Argument(help: "The sessions' ids.")
    var ids: [SessionArgument] = []

    @Option(help: "End all sessions of a user, and their sign-ins under way.")
    var user: String?

    @Option(help: "With --user or --all: a session that goes on.")
    var except: SessionArgument?

    @Flag(help: "End the sessions of all users, and those that nobody has signed in to.")
    var all = false

    @Option(name: .customLong("i-mean"), help: "With --all: the collection's name, as a confirmation.")
    var meant: String?

    func validate() throws {
        try SessionArgument.check(ids + [except].compactMap(\.self))
        guard [!ids.isEmpty, user != nil, all].filter(\.self).count == 1 else {
            throw ValidationError("Name ids, or --user, or --all: one of the three.")
        }
        guard except == nil || ids.isEmpty else { throw ValidationError("--except goes with --user and --all.") }
        guard !all || !destroying.yes || meant == store.name else {
            throw ValidationError("--all --yes needs the collection's name once more: --i-mean \(store.name).")
        }
    }

    func run() async throws {
        try await store.use { store in
            if let user {
                try await end(of: user, store)
            } else if all {
                try await endAll(store)
            } else {
                try await end(ids.map(\.id), store, [("ids", Self.list(ids.map(\.id)))])
            }
        }
    }

    private func end(of user: String, _ store: OperatedStore) async throws {
        let owned = try await store.collection.ownership(of: OwnerID(user)).owned
        let rest = owned.filter { $0 != except?.id }
        guard destroying.yes, except == nil else {
            return try await end(rest, store, [("user", .text(user)), ("except", .text(except?.id.rawValue))])
        }
        let outcome = try await store.manager.revokeAll(of: user)
        report(ended: rest.count, missing: 0, isConfirmed: outcome == .ended, store, [("user", .text(user))])
    }

    private func end(_ ids: [ModelID], _ store: OperatedStore, _ target: OutputOptions.Row) async throws {
        guard destroying.yes else {
            var rows: [OutputOptions.Row] = []
            for id in ids {
                if let model = try await store.model(id) { rows.append(SessionRow(model).row) }
            }
            output.write(rows, columns: SessionRow.columns)
            return destroying.noteDryRun()
        }
        var (ended, isConfirmed) = (0, true)
        for id in ids {
            let end = try await store.manager.end(id)
            if end.wasThere { ended += 1 }
            if end.confirmation == .unconfirmed { isConfirmed = false }
        }
        report(ended: ended, missing: ids.count - ended, isConfirmed: isConfirmed, store, target)
    }

    private func endAll(_ store: OperatedStore) async throws {
        guard destroying.yes else {
            var count = 0
            let cursor = try await CollectionWalk(store: store).run { count += $0.ids.count }
            output.write([("wouldEnd", .number(count)), ("isComplete", .flag(cursor == nil))])
            return destroying.noteDryRun()
        }
        let sums = try await store.manager.revokeEverySession(exceptID: except?.id) { sums in
            Terminal.progress("ended \(sums.sessions) sessions")
        }
        Terminal.progress(nil)
        report(
            ended: sums.sessions, missing: 0, isConfirmed: true, store,
            [("all", .text(store.collection.name)), ("except", .text(except?.id.rawValue))])
    }

    private func report(
        ended: Int, missing: Int, isConfirmed: Bool, _ store: OperatedStore, _ target: OutputOptions.Row
    ) {
        let result: OutputOptions.Row = [
            ("ended", .number(ended)), ("notFound", .number(missing)), ("isConfirmed", .flag(isConfirmed)),
        ]
        destroying.audit("end", in: store.place, target + result)
        output.write(result)
    }

    private static func list(_ ids: [ModelID]) -> Cell {
        .json((try? EncodedJSON(encoding: ids.map(\.rawValue))) ?? .null)
    }
}
