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
    /// The names of all fields, reserved ones left out.
    var names: [String] { get }

    /// The fields themselves, for this library alone.
    var _fields: _SessionFieldStore { get }
}

extension SessionFields {
    /// The value of a field as JSON, for free-form use: literals, and members at any depth. A field that isn't there
    /// reads as `null`, and setting `nil` or `null` removes it. A `null` to be stored is set with
    /// ``set(_:to:)-(String,_)``.
    ///
    /// ```swift
    /// session["its"]["working"] = true
    /// session["its"]["working"] = nil  // removes the member
    /// session["its"] = nil             // removes the field
    /// ```
    ///
    /// Of requests that set one field in parallel the last one's value stays, unless a ``ConflictPolicy`` says
    /// otherwise; ``Session/update(_:)`` loses nothing.
    public subscript(name: String) -> JSONValue {
        get {
            guard let encoded = store.encodedValue(of: name) else { return .null }
            do {
                return try encoded.value()
            } catch {
                store.recordUnreadable(name)
                return .null
            }
        }
        set {
            if newValue.isNull {
                unset(name)
            } else {
                set(name) { () throws(ModelError) in try EncodedJSON(newValue) }
            }
        }
    }

    /// The value of a field, of any `Codable` type; `nil` where there is none or it is of another type. Setting `nil`
    /// removes the field.
    ///
    /// ```swift
    /// session["name"] = form.name
    /// session["cart"] = Cart()
    /// if let name: String = session["name"] { greet(name) }
    /// ```
    ///
    /// Requests of one session run in parallel, and each reads the fields as they were when it began. Of those that set
    /// one field the last one's value stays, and what the others have added to it is lost; different fields never
    /// disturb each other. For a value that depends on the one before use ``Session/update(_:)``,
    /// ``Session/increment(_:by:)-(String,_)`` or ``Session/append(_:to:keepingLast:)``, which lose nothing, or a
    /// ``ConflictPolicy`` that merges.
    public subscript<Value: Codable & Sendable>(name: String) -> Value? {
        get { read(name, as: Value.self) }
        set { write(newValue, to: name) }
    }

    /// The value of a field, of a type that the context doesn't tell; else as `session[name]`.
    public subscript<Value: Codable & Sendable>(name: String, as type: Value.Type) -> Value? {
        get { read(name, as: type) }
        set { write(newValue, to: name) }
    }

    /// The value of a field, or a default where there is none. `+= 1` reads and sets, as two requests may do in
    /// parallel: ``Session/increment(_:by:)-(String,_)`` counts both.
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

    /// Sets a field, and throws at once where a subscript would leave the error to the save. `nil` and
    /// `JSONValue.null` are stored as `null`; ``unset(_:)-(String)`` removes.
    ///
    /// - Throws: ``SessionError``: `invalidField` where the value has no JSON form or the name is reserved; `tooLarge`
    ///   where the session has ``SessionOptions/maximumFields`` already.
    public func set<Value: Encodable & Sendable>(_ name: String, to value: Value) throws(SessionError) {
        try set(name, to: value, policy: nil)
    }

    /// Sets a typed key's field; see ``set(_:to:)-(String,_)``.
    public func set<Key: SessionKey>(_ key: Key.Type, to value: Key.Value) throws(SessionError) {
        try set(Key.name, to: value, policy: Key.conflictPolicy)
    }

    private func set(
        _ name: String, to value: some Encodable & Sendable, policy: ConflictPolicy?
    ) throws(SessionError) {
        try store.set(try .encoding(value, for: name), of: name, policy: policy)
    }

    /// Whether a field is there.
    public func contains(_ name: String) -> Bool {
        store.encodedValue(of: name) != nil
    }

    /// Removes a field; no error where it isn't there.
    public func unset(_ name: String) {
        store.setEncodedValue(nil, of: name, policy: nil)
    }

    /// Removes a typed key's field.
    public func unset<Key: SessionKey>(_ key: Key.Type) {
        store.setEncodedValue(nil, of: Key.name, policy: Key.conflictPolicy)
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
        store.popEncodedValue(of: name, policy: policy).flatMap { decode($0, of: name, as: type) }
    }

    /// All fields as one object. Setting it replaces the session's data: fields it doesn't have are removed, and its
    /// `null`s are stored.
    public var data: JSONObject {
        get {
            var object = JSONObject()
            for name in names {
                let value: JSONValue = self[name]
                object[name] = value
            }
            return object
        }
        set {
            for name in names where newValue[name] == nil {
                unset(name)
            }
            for (name, value) in newValue {
                set(name) { () throws(ModelError) in try EncodedJSON(value) }
            }
        }
    }

    private var store: any FieldStore { _fields.base }

    private func write(_ value: (some Codable & Sendable)?, to name: String) {
        if let value {
            set(name) { () throws(ModelError) in try EncodedJSON(encoding: value) }
        } else {
            unset(name)
        }
    }

    private func read<Value: Codable & Sendable>(_ name: String, as type: Value.Type) -> Value? {
        store.encodedValue(of: name).flatMap { decode($0, of: name, as: type) }
    }

    /// The decoded value; `nil` and a report where it is of another type.
    func decode<Value: Decodable>(_ encoded: EncodedJSON, of name: String, as type: Value.Type) -> Value? {
        do {
            return try encoded.decode(type)
        } catch {
            store.recordUnreadable(name)
            return nil
        }
    }

    private func set(
        _ name: String,
        policy: ConflictPolicy? = nil,
        encode: () throws(ModelError) -> EncodedJSON
    ) {
        do {
            store.setEncodedValue(try encode(), of: name, policy: policy)
        } catch {
            store.recordFault(SessionError(.invalidField, "the field '\(name)' can't be stored: \(error.message)"))
        }
    }
}
