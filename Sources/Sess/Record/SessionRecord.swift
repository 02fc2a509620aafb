import Modeler

/// A stored session as it was last read or written: its model, and what a request knows of it.
///
/// A value whose storage is shared until one of its copies changes: every decision about a session copies it.
struct SessionRecord: Sendable {
    fileprivate struct Content: Sendable {
        var model: Model
        var mayBeStale = false
        let isReadOnly: Bool
        var mayRenew: Bool
        var lease: HeldSection?
        /// When the model was last read or written, on this server's monotonic clock.
        var readAt = ContinuousClock.now
        /// Whether any stored field has a deadline of its own.
        var hasDeadlines: Bool
    }

    /// Shared between copies.
    ///
    /// `@unchecked Sendable`: its content is changed only by ``change(_:)``, which makes sure that this copy alone has
    /// it.
    private final class Storage: @unchecked Sendable {
        // Nobody gets at the content while `change(_:)` runs: it has the only reference.
        @exclusivity(unchecked) var content: Content
        init(_ content: Content) { self.content = content }
    }

    private var storage: Storage

    init(_ model: Model, mayRenew: Bool? = nil, isReadOnly: Bool = false) {
        storage = Storage(
            Content(
                model: model, isReadOnly: isReadOnly,
                mayRenew: mayRenew ?? !model.fields.contains(ReservedField.owner),
                hasDeadlines: FieldDeadline.areIn(model.fields)))
    }

    private mutating func change<Result>(_ body: (inout Content) -> Result) -> Result {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.content) }
        return body(&storage.content)
    }

    /// The model.
    var model: Model { storage.content.model }

    /// Whether others have written since the fields were read: those that this request hasn't written may be older than
    /// the model's revision.
    var mayBeStale: Bool { storage.content.mayBeStale }

    /// Whether what was read is ahead of what is stored, and the store takes no writes: nothing can be saved.
    var isReadOnly: Bool { storage.content.isReadOnly }

    /// Whether the deadline may be moved: that of a signed-in session stays until the session was checked against its
    /// user's epoch, so that a revoked one can't live on by use.
    var mayRenew: Bool {
        get { storage.content.mayRenew }
        set { change { $0.mayRenew = newValue } }
    }

    /// The lease of the exclusive section that the request is in.
    var lease: HeldSection? {
        get { storage.content.lease }
        set { change { $0.lease = newValue } }
    }

    /// Whether any field has a deadline of its own.
    var hasDeadlines: Bool { storage.content.hasDeadlines }

    /// The store's clock, as far as this server can tell: that of the last answer and the time since.
    var storeTime: Timestamp {
        (model.lifetime?.now ?? model.updated) + (ContinuousClock.now - storage.content.readAt)
    }

    /// The revision that wrote the token's digest: what every write of the token's client expects.
    var tokenRevision: Revision { model.fields.revision(of: ReservedField.token) }

    /// What is stored of the tokens; `nil` where the field is none.
    var token: TokenRecord? { TokenRecord(model.fields) }

    /// Whose the session is; `nil` where nobody is signed in.
    var owner: OwnerRecord? { (try? OwnerRecord.read(model)) ?? nil }

    /// Whether the client's cookie outlives the browser's session.
    var isPersistent: Bool { model.fields.contains(ReservedField.persistent) }

    /// Whether the app has given the session limits of its own.
    var hasOwnLimits: Bool { model.fields.contains(ReservedField.ownLimits) }

    /// Who holds the exclusive section.
    var section: SectionRecord? { SectionRecord.read(model) }

    // MARK: Fields

    /// A field of the app's, unless its own deadline has passed.
    func field(_ name: String) -> Field? {
        guard let field = model.fields[name], !Field.isSaveOnly(name) else { return nil }
        return isExpired(field) ? nil : field
    }

    /// Whether a field's own deadline has passed.
    func isExpired(_ field: Field) -> Bool {
        guard let deadline = deadline(of: field) else { return false }
        return deadline <= storeTime
    }

    /// A field's own deadline; `nil` where it lives as long as the session.
    func deadline(of field: Field) -> Timestamp? {
        hasDeadlines ? FieldDeadline.of(field, in: model.fields) : nil
    }

    /// The fields, without those whose own deadline has passed.
    var liveFields: Fields {
        hasDeadlines ? Fields(model.fields.filter { Field.isSaveOnly($0.name) || !isExpired($0) }) : model.fields
    }

    /// The fields whose own deadline has passed, with those that hold the deadlines.
    var expiredFields: [Field] {
        guard hasDeadlines else { return [] }
        return model.fields.filter { !Field.isSaveOnly($0.name) && isExpired($0) }
            .flatMap { [$0, model.fields[FieldDeadline.fieldName($0.name)]].compactMap(\.self) }
    }

    // MARK: What becomes of it

    /// Takes over the model as it is in the store now.
    mutating func adopt(_ current: Model) {
        change { content in
            content.model = current
            content.mayBeStale = false
            content.hasDeadlines = FieldDeadline.areIn(current.fields)
            content.readAt = .now
        }
    }

    /// Takes over the tokens of the model as it is in the store now, and nothing else of it.
    mutating func adoptToken(of current: Model) {
        change { content in
            for name in [ReservedField.token, ReservedField.formerToken] {
                content.model.fields[name] = current.fields[name]
            }
            content.mayBeStale = true
        }
    }

    /// Takes over a change that was applied.
    mutating func apply(_ applied: Change, _ commit: Commit) {
        change { $0.apply(applied, commit) }
    }
}

extension SessionRecord.Content {
    fileprivate mutating func apply(_ change: Change, _ commit: Commit) {
        if commit.revision != model.revision + (change.operations.isEmpty ? 0 : 1) { mayBeStale = true }
        model.revision = commit.revision
        model.created = commit.created
        model.updated = commit.updated
        model.lifetime = commit.lifetime
        for entry in change.operations {
            let name = entry.name
            switch entry.operation {
            case .set(let value): model.fields[name] = Field(name: name, value: value, revision: commit.revision)
            case .remove: model.fields[name] = nil
            case .increment, .append, .setIfAbsent: break
            }
        }
        for field in commit.values { model.fields[field.name] = field }
        if hasDeadlines || change.operations.contains(where: { Field.isSaveOnly($0.name) }) {
            hasDeadlines = FieldDeadline.areIn(model.fields)
        }
        readAt = .now
    }
}
