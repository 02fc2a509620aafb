public import Modeler

/// A session's fields during one run of ``Session/update(_:)``. It remembers what was read and what was written.
public final class SessionDraft: SessionFields {
    private let base: Fields
    private let maximumFields: Int
    private let keepsDeadlines: Bool
    private let onUnreadable: (String) -> Void
    private(set) var pending = PendingChanges()
    private(set) var used: Set<ByteName> = []
    private(set) var fault: SessionError?

    /// - Parameters:
    ///   - base: The fields that are there, with those that hold deadlines.
    ///   - maximumFields: The most fields that the session may have then.
    ///   - keepsDeadlines: Whether a field that had a deadline of its own has it still when it is set; otherwise it
    ///     then lives as long as the session.
    init(
        _ base: Fields,
        maximumFields: Int = .max,
        keepsDeadlines: Bool = false,
        onUnreadable: @escaping (String) -> Void
    ) {
        self.base = base
        self.maximumFields = maximumFields
        self.keepsDeadlines = keepsDeadlines
        self.onUnreadable = onUnreadable
    }

    public func encodedValue(of name: String) -> EncodedJSON? {
        used.insert(ByteName(name))
        if let entry = pending[name] { return entry.value }
        return Field.isSaveOnly(name) ? nil : base[name]?.value
    }

    public func setEncodedValue(_ value: EncodedJSON?, of name: String, policy: ConflictPolicy?) {
        guard !Field.isSaveOnly(name) else {
            recordFault(SessionError(.invalidField, "names that begin with '__' are reserved: '\(name)'"))
            return
        }
        used.insert(ByteName(name))
        let isRefusing = fault?.code == .tooLarge
        guard
            value == nil || pending.hasRoom(for: name, on: base, maximum: maximumFields, isRefusing: isRefusing)
        else {
            recordFault(
                SessionError(.tooLarge, "the session would have more than \(maximumFields) fields (maximumFields)"))
            return
        }
        let stored = base[name]
        let deadline = stored.flatMap { FieldDeadline.of($0, in: base) }
        pending.set(
            value, of: name,
            until: value != nil && keepsDeadlines ? deadline : nil,
            policy: policy,
            // A field that had a deadline is written again where it is to have none.
            isUnchanged: value == stored?.value && (value == nil || deadline == nil || keepsDeadlines)
        )
    }

    public func popEncodedValue(of name: String, policy: ConflictPolicy?) -> EncodedJSON? {
        let value = encodedValue(of: name)
        if value != nil || Field.isSaveOnly(name) { setEncodedValue(nil, of: name, policy: policy) }
        return value
    }

    /// Gives a field another name, in place of the field that has it, if any. A deadline of its own goes along, as it
    /// would not if the value were read and set. Nothing happens where the field isn't there.
    public func rename(_ name: String, to newName: String) {
        guard !name.hasSameBytes(as: newName), let value = encodedValue(of: name) else { return }
        let stored = base[name].flatMap { FieldDeadline.of($0, in: base) }
        let until = if let entry = pending[name] { entry.until } else { stored }
        setEncodedValue(nil, of: name, policy: nil)
        setEncodedValue(value, of: newName, policy: nil)
        guard fault == nil else { return }
        // Also one that is the same as before, or has another deadline.
        pending.set(value, of: newName, until: until, policy: nil, isUnchanged: false)
    }

    public var names: [String] {
        let stored = base.lazy.map(\.name).filter { [pending] in
            !Field.isSaveOnly($0) && pending[$0]?.value != .some(nil)
        }
        let added = pending.entries.lazy.filter { [base] in $0.value != nil && base[$0.name] == nil }.map(\.name)
        let names = Array(stored) + Array(added)
        used.formUnion(names.map(ByteName.init))
        return names
    }

    public func recordFault(_ error: SessionError) {
        fault = error
    }

    public func recordUnreadable(_ name: String) {
        onUnreadable(name)
    }
}
