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
/// the type doesn't know stay as they are. A stored session that lacks a member which the type demands reads as a new
/// value; give members defaults or make them optional, with a decoder that takes their absence.
public protocol SessionModel: Codable, Sendable {
    /// What a session without data is.
    init()
}

extension SessionFields {
    /// The session's fields as one value.
    public subscript<Model: SessionModel>(type: Model.Type) -> Model {
        get {
            let members = names.compactMap { name in encodedValue(of: name).map { (name: name, value: $0) } }
            guard !members.isEmpty else { return Model() }
            do {
                return try JSONMembers(members).encoded().decode(type)
            } catch {
                recordUnreadable("\(type)")
                return Model()
            }
        }
        set {
            do {
                let old = try JSONMembers(parsing: EncodedJSON(encoding: self[type]).bytes)
                let new = try JSONMembers(parsing: EncodedJSON(encoding: newValue).bytes)
                for member in old where new[member.name] == nil {
                    unset(member.name)
                }
                for member in new where old[member.name] != member.value || encodedValue(of: member.name) == nil {
                    setEncodedValue(member.value, of: member.name, policy: nil)
                }
            } catch {
                recordFault(SessionError(.invalidField, "the \(type) can't be stored", underlying: error))
            }
        }
    }
}
