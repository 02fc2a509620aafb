public import Modeler

/// Fields by name, typed or dynamic: what a ``Session`` and a ``SessionDraft`` have in common.
///
/// Reading decodes the one field asked for. Writing encodes at once, so a change inside a value that was read through
/// a subscript is noticed when it is put back, which Swift does by itself:
///
/// ```swift
/// session["times", default: 0] += 1
/// session["its"]["working"] = true
/// session[CartKey.self].items.append("tea")
/// ```
///
/// A value that has no JSON form, such as a NaN, can't be reported by a subscript: it is remembered, and saving the
/// session throws it.
public protocol SessionFields: AnyObject {
    /// The encoded value of a field, or `nil` where there is none.
    func encodedValue(of name: String) -> EncodedJSON?

    /// Sets a field's encoded value; `nil` removes the field.
    ///
    /// - Parameter policy: What happens on a conflict; `nil` for the one that the manager has for this name.
    func setEncodedValue(_ value: EncodedJSON?, of name: String, policy: ConflictPolicy?)

    /// Reads a field's encoded value and removes the field, in one step; `nil` where there is none.
    ///
    /// - Parameter policy: As for ``setEncodedValue(_:of:policy:)``. With ``ConflictPolicy/automatic`` what another
    ///   request has stored since stays.
    func popEncodedValue(of name: String, policy: ConflictPolicy?) -> EncodedJSON?

    /// The names of all fields, save-only ones left out.
    var names: [String] { get }

    /// Remembers an error that the next save is to throw.
    func recordFault(_ error: SessionError)

    /// Says that a stored value was not of the type asked for and a default was given in its place.
    func recordUnreadable(_ name: String)
}

extension SessionFields {
    /// The value of a field, for free-form use: absent reads as `.null`; see ``contains(_:)`` and
    /// ``unset(_:)-(String)``.
    public subscript(name: String) -> JSONValue {
        get {
            guard let encoded = encodedValue(of: name) else { return .null }
            do {
                return try encoded.value()
            } catch {
                recordUnreadable(name)
                return .null
            }
        }
        set { set(name) { () throws(ModelError) in try EncodedJSON(newValue) } }
    }

    /// The value of a field, or `nil` where there is none. Setting `nil` removes the field.
    public subscript<Value: Codable & Sendable>(name: String, as type: Value.Type) -> Value? {
        get { read(name, as: type) }
        set {
            if let newValue {
                set(name) { () throws(ModelError) in try EncodedJSON(encoding: newValue) }
            } else {
                setEncodedValue(nil, of: name, policy: nil)
            }
        }
    }

    /// The value of a field, or a default where there is none.
    public subscript<Value: Codable & Sendable>(
        name: String,
        default defaultValue: @autoclosure () -> Value
    ) -> Value {
        get { read(name, as: Value.self) ?? defaultValue() }
        set { set(name) { () throws(ModelError) in try EncodedJSON(encoding: newValue) } }
    }

    /// The value of a typed key, or its default where nothing is stored.
    public subscript<Key: SessionKey>(key: Key.Type) -> Key.Value {
        get { read(Key.name, as: Key.Value.self) ?? Key.defaultValue }
        set {
            set(Key.name, policy: Key.conflictPolicy) { () throws(ModelError) in try EncodedJSON(encoding: newValue) }
        }
    }

    /// Whether a field is there.
    public func contains(_ name: String) -> Bool {
        encodedValue(of: name) != nil
    }

    /// Removes a field; no error where it isn't there.
    public func unset(_ name: String) {
        setEncodedValue(nil, of: name, policy: nil)
    }

    /// Removes a typed key's field.
    public func unset<Key: SessionKey>(_ key: Key.Type) {
        setEncodedValue(nil, of: Key.name, policy: Key.conflictPolicy)
    }

    /// Reads a field and removes it; see ``pop(_:as:)``.
    public func pop<Key: SessionKey>(_ key: Key.Type) -> Key.Value {
        pop(Key.name, as: Key.Value.self, policy: Key.conflictPolicy) ?? Key.defaultValue
    }

    /// Reads a field and removes it; `nil` where it isn't there.
    ///
    /// The removal is stored when the session is saved, and removes what was read: where another request has written
    /// the field meanwhile, its value stays, unless a ``ConflictPolicy`` says otherwise. Requests that run at once may
    /// all have read the value before the first of them removes it. What may count only once is read with
    /// ``Session/take(_:as:)`` or within ``Session/update(_:)``.
    public func pop<Value: Codable & Sendable>(_ name: String, as type: Value.Type) -> Value? {
        pop(name, as: type, policy: nil)
    }

    func pop<Value: Codable & Sendable>(_ name: String, as type: Value.Type, policy: ConflictPolicy?) -> Value? {
        popEncodedValue(of: name, policy: policy).flatMap { decode($0, of: name, as: type) }
    }

    /// All fields as one object. Setting it replaces the session's data: fields it doesn't have are removed.
    public var data: JSONObject {
        get {
            var object = JSONObject()
            for name in names {
                object[name] = self[name]
            }
            return object
        }
        set {
            for name in names where newValue[name] == nil {
                unset(name)
            }
            for (name, value) in newValue {
                self[name] = value
            }
        }
    }

    private func read<Value: Codable & Sendable>(_ name: String, as type: Value.Type) -> Value? {
        encodedValue(of: name).flatMap { decode($0, of: name, as: type) }
    }

    /// The decoded value; `nil` and a report where it is of another type.
    func decode<Value: Decodable>(_ encoded: EncodedJSON, of name: String, as type: Value.Type) -> Value? {
        do {
            return try encoded.decode(type)
        } catch {
            recordUnreadable(name)
            return nil
        }
    }

    private func set(
        _ name: String,
        policy: ConflictPolicy? = nil,
        encode: () throws(ModelError) -> EncodedJSON
    ) {
        do {
            setEncodedValue(try encode(), of: name, policy: policy)
        } catch {
            recordFault(SessionError(.invalidField, "the field '\(name)' can't be stored: \(error.message)"))
        }
    }
}
