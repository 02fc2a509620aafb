/// What an application runs around the operations on its models.
///
/// A hook that throws aborts the operation; its error reaches the caller as it is.
public struct ModelHooks: Sendable {
    /// Runs when a model is made, before it is first saved: the place for defaults.
    public var create: (@Sendable (inout Model) async throws -> Void)?

    /// Runs before a model is written. It may change what is stored; the second argument is the stored model as it
    /// was, `nil` for a first save.
    public var save: (@Sendable (inout Model, _ old: Model?) async throws -> Void)?

    /// Runs after a model was written.
    public var afterSave: (@Sendable (Model) async throws -> Void)?

    /// Runs on a model that was read, before the caller sees it.
    public var load: (@Sendable (inout Model) async throws -> Void)?

    /// Runs before a model is removed.
    public var destroy: (@Sendable (Model) async throws -> Void)?

    /// Runs after a model was removed.
    public var afterDestroy: (@Sendable (Model) async throws -> Void)?

    /// Makes hooks; each is optional.
    public init(
        create: (@Sendable (inout Model) async throws -> Void)? = nil,
        save: (@Sendable (inout Model, _ old: Model?) async throws -> Void)? = nil,
        afterSave: (@Sendable (Model) async throws -> Void)? = nil,
        load: (@Sendable (inout Model) async throws -> Void)? = nil,
        destroy: (@Sendable (Model) async throws -> Void)? = nil,
        afterDestroy: (@Sendable (Model) async throws -> Void)? = nil
    ) {
        self.create = create
        self.save = save
        self.afterSave = afterSave
        self.load = load
        self.destroy = destroy
        self.afterDestroy = afterDestroy
    }
}
