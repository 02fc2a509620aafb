import HTTPTypes
import Modeler
import NIOCore
import Sess

/// A session as the REST interface shows it: what the library knows of it and its fields, side by side.
enum SessionJSON {
    /// Names that clients can't set.
    static let reserved: Set<String> = ["id", "rev", "created", "updated"]

    static func response(_ session: Session) throws -> DemoResponse {
        var members: [JSONMembers.Element] = [
            ("id", try EncodedJSON(encoding: session.id.rawValue)),
            ("rev", try EncodedJSON(encoding: session.revision)),
            ("created", try EncodedJSON(encoding: session.created.description)),
            ("updated", session.isNew ? .null : try EncodedJSON(encoding: session.updated.description)),
        ]
        members += session.encodedFields.filter { !reserved.contains($0.name) }
        return response(.ok, members)
    }

    static func response(_ status: HTTPResponse.Status, _ members: [JSONMembers.Element]) -> DemoResponse {
        DemoResponse(
            status: status,
            headerFields: [.contentType: "application/json; charset=utf-8"],
            body: ByteBuffer(bytes: JSONMembers(members).encoded().bytes)
        )
    }

    /// The members of a request's JSON object, undecoded.
    static func members(of request: DemoRequest) async throws -> JSONMembers {
        let body = try await request.collectBody(1024 * 1024)
        do {
            return try JSONMembers(parsing: body.readableBytesView)
        } catch {
            throw DemoRefusal(message: "The body must be one JSON object: \(error.message)")
        }
    }

    /// Sets the members in a session, the reserved ones left out.
    static func set(_ members: JSONMembers, in session: Session) throws {
        guard !members.contains(where: { Field.isSaveOnly($0.name) }) else {
            throw DemoRefusal(message: "Names that begin with '__' are reserved.")
        }
        for member in members where !reserved.contains(member.name) {
            session[member.name] = member.value
        }
    }
}
