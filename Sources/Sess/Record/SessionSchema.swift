import Modeler

/// The version of the data that an app keeps in its sessions, and how to bring older data up to it.
///
/// ```swift
/// options.schema = try SessionSchema(version: 2) { steps in
///     steps.migrate(from: 0) { session in session.rename("lang", to: "language") }
///     steps.migrate(from: 1) { session in session.unset("legacy") }
/// }
/// ```
///
/// Steps see the fields that are there at that moment. One that was set for a time
/// (``Session/set(_:to:expiringAfter:)``) keeps its deadline when a step sets it anew or renames it; a value that is
/// put under another name by hand lives as long as the session.
///
/// Each stored session says its version; one that doesn't is of version 0. The first request that brings an older one
/// migrates it, in one write of its own; every further one finds it as it should be. A session that can't be brought up
/// to the version is detached, with ``SessionEvent/unreadableSession(session:)``: one of a newer version, as after a
/// deploy was taken back; one for which a step is missing; one whose step threw. Its record and its cookie stay as they
/// are, and ``Session/regenerate()`` or a sign-in begins anew.
public struct SessionSchema: Sendable {
    /// Changes the fields of a session of one version to those of the next. It does nothing else that counts: it may
    /// run more than once. What it throws makes the session unreadable.
    public typealias Step = @Sendable (SessionDraft) throws -> Void

    /// The steps of a schema, by the version that each begins with.
    public struct Steps: Sendable {
        fileprivate var byVersion: [Int: Step] = [:]
        fileprivate var repeated: Int?

        /// Adds the step from a version to the next one.
        public mutating func migrate(from version: Int, _ step: @escaping Step) {
            if byVersion.updateValue(step, forKey: version) != nil { repeated = version }
        }
    }

    /// The version that the app works with. 0 where it has named none: then nobody looks.
    public let version: Int
    private let steps: [Int: Step]

    /// No version: fields are read as they are.
    public static let none = SessionSchema()

    private init() {
        version = 0
        steps = [:]
    }

    /// A version and the steps towards it. Steps from versions of which no session can be left may be dropped.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for a version below 1, for a step that occurs twice or
    ///   leads nowhere, and for a gap between steps.
    public init(version: Int, _ steps: (inout Steps) -> Void = { _ in }) throws(SessionError) {
        var collected = Steps()
        steps(&collected)
        guard version >= 1 else {
            throw SessionError(.invalidConfiguration, "a schema's version is 1 or more; what has none is version 0")
        }
        if let repeated = collected.repeated {
            throw SessionError(.invalidConfiguration, "the schema has two steps from version \(repeated)")
        }
        let first = collected.byVersion.keys.min() ?? version
        for from in first..<max(version, first) where collected.byVersion[from] == nil {
            throw SessionError(.invalidConfiguration, "the schema has a step from \(first), and none from \(from)")
        }
        if first < 0 || collected.byVersion.keys.contains(where: { $0 >= version }) {
            throw SessionError(.invalidConfiguration, "the schema's steps begin with versions from 0 to \(version - 1)")
        }
        self.version = version
        self.steps = collected.byVersion
    }

    /// The field of a session's model that holds its version.
    static let fieldName = ReservedField.schema

    /// The stored form of the version.
    var encoded: EncodedJSON {
        EncodedJSON(unchecked: ArraySlice(String(version).utf8))
    }

    /// The version of a stored session; `nil` where the field is none.
    static func version(of model: Model) -> Int? {
        guard let field = model.fields[fieldName] else { return 0 }
        return try? field.value.decode(Int.self)
    }

    /// Runs the steps from a version on.
    ///
    /// - Returns: `false` where there is no way from there.
    func migrate(_ draft: SessionDraft, from version: Int) throws -> Bool {
        guard version <= self.version else { return false }
        for from in version..<self.version {
            guard let step = steps[from] else { return false }
            try step(draft)
            if let fault = draft.fault { throw fault }
        }
        return true
    }
}
