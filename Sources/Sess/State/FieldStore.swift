import Modeler

/// The fields of a ``Session`` or of a ``SessionDraft``, encoded.
protocol FieldStore: AnyObject {
    /// The encoded value of a field, or `nil` where there is none.
    func encodedValue(of name: String) -> EncodedJSON?

    /// Sets a field's encoded value; `nil` removes the field. A field that can't be set is a fault.
    ///
    /// - Parameter policy: The answer to a conflict; `nil` for the one that the manager has for this name.
    func setEncodedValue(_ value: EncodedJSON?, of name: String, policy: ConflictPolicy?)

    /// Sets a field's encoded value.
    ///
    /// - Throws: ``SessionError``: `invalidField` for a reserved name, `tooLarge` for one field too many.
    func set(_ value: EncodedJSON, of name: String, policy: ConflictPolicy?) throws(SessionError)

    /// Reads a field's encoded value and removes the field, in one step; `nil` where there is none.
    ///
    /// - Parameter policy: As for ``setEncodedValue(_:of:policy:)``. With ``ConflictPolicy/automatic`` what another
    ///   request has stored since stays.
    func popEncodedValue(of name: String, policy: ConflictPolicy?) -> EncodedJSON?

    /// Keeps an error that the next save is to throw.
    func recordFault(_ error: SessionError)

    /// Reports that a stored value was not of the type asked for and a default was given in its place.
    func recordUnreadable(_ name: String)
}

/// The fields behind a ``SessionFields``: opaque outside of this library.
public struct _SessionFieldStore {
    let base: any FieldStore

    init(_ base: any FieldStore) { self.base = base }
}

extension EncodedJSON {
    /// Encodes a field's value.
    ///
    /// - Throws: ``SessionError/Code/invalidField`` where it has no JSON form.
    static func encoding(_ value: some Encodable, for name: String) throws(SessionError) -> EncodedJSON {
        do {
            return try EncodedJSON(encoding: value)
        } catch {
            throw SessionError(.invalidField, "the field '\(name)' can't be stored: \(error.message)")
        }
    }
}
