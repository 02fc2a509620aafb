public import Modeler

/// A session's fields during one run of ``Session/update(_:)``. It remembers what was read and what was written.
public final class SessionDraft: SessionFields {
    private let base: Fields
    private let onUnreadable: (String) -> Void
    private(set) var pending = PendingChanges()
    private(set) var used: Set<ByteName> = []
    private(set) var fault: SessionError?

    init(_ base: Fields, onUnreadable: @escaping (String) -> Void) {
        self.base = base
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
        pending.set(value, of: name, policy: policy, isUnchanged: value == base[name]?.value)
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
