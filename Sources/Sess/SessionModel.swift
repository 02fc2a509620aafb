import Modeler

/// A whole session as one type, for apps that prefer it to keys: each of its members is a field of the session.
///
/// ```swift
/// struct Visitor: SessionModel {
///     var name: String?
///     var cart: [String] = []
/// }
/// session[Visitor.self].cart.append("tea")
/// ```
///
/// Members are stored each by itself, so that two requests that change different ones don't conflict, and fields that
/// the type doesn't know stay as they are. A member that a stored session lacks is the one of a new value.
///
/// Where a stored field is not of its member's type, the session reads as a new value and can't be changed through the
/// type: what is put back would replace members that were not read. Saving then throws
/// ``SessionError/Code/invalidField``; unset the field, or set each field by itself.
public protocol SessionModel: Codable, Sendable {
    /// What a session without data is.
    init()
}

extension SessionFields {
    /// The session's fields as one value.
    public subscript<Model: SessionModel>(type: Model.Type) -> Model {
        get {
            do throws(ModelError) {
                return try storedModel(type)
            } catch {
                _fields.base.recordUnreadable("\(type)")
                return Model()
            }
        }
        set {
            let fields = _fields.base
            do throws(ModelError) {
                let old = try JSONMembers(parsing: EncodedJSON(encoding: storedModel(type)).bytes)
                let new = try JSONMembers(parsing: EncodedJSON(encoding: newValue).bytes)
                for member in old where new[member.name] == nil {
                    unset(member.name)
                }
                for member in new
                where old[member.name] != member.value || fields.encodedValue(of: member.name) == nil {
                    fields.setEncodedValue(member.value, of: member.name, policy: nil)
                }
            } catch {
                fields.recordFault(
                    SessionError(.invalidField, "the \(type) can't be stored: \(error.message)", underlying: error))
            }
        }
    }

    /// The session's fields as one value, members that aren't stored as a new value has them.
    private func storedModel<Model: SessionModel>(_ type: Model.Type) throws(ModelError) -> Model {
        let stored = names.compactMap { name in _fields.base.encodedValue(of: name).map { (name: name, value: $0) } }
        guard !stored.isEmpty else { return Model() }
        if let model = try? JSONMembers(stored).encoded().decode(type) { return model }
        let defaults = try JSONMembers(parsing: EncodedJSON(encoding: Model()).bytes)
        return try JSONMembers(Array(defaults) + stored).encoded().decode(type)
    }
}
