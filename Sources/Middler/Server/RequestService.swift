import HTTPTypes
import Logging
import Synchronization

/// What a server does with each request: asks the handlers, and makes a response of whatever they answer or throw.
struct RequestService: Sendable {
    let handlers: ServerHandlers
    let logger: Logger

    func respond(to request: Request) async -> Response {
        var response: Response
        do {
            response = try await handlers.answer(request)
        } catch let error as any ResponseError {
            response = error.response
        } catch {
            logger.error("a handler failed", metadata: ["error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        if !(200...599).contains(response.status.code) {
            logger.error(
                "a handler answered with a status that no final response has",
                metadata: [
                    "status": "\(response.status.code)"
                ])
            response = Response(status: .internalServerError)
        }
        let changes = request.core.values.withLock { $0.responseChanges }
        for change in changes { change(&response) }
        return response
    }
}
