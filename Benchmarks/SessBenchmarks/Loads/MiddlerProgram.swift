import Logging
import Middler
import NIOCore
import NIOPosix
import ServiceLifecycle
import Sess
import SessMiddler

/// The same web server on Middler: what it costs without Hummingbird.
enum MiddlerProgram {
    static func run(
        _ manager: SessionManager?, _ options: Options, _ group: MultiThreadedEventLoopGroup, services: [any Service]
    ) async throws {
        var configuration = HTTPServer.Configuration(port: options.number("port", 8080))
        configuration.logger.logLevel = .error
        let server = HTTPServer(configuration, eventLoopGroup: group)
        if let manager {
            middler(server)
                .add(sess(manager))
                .get("/read") { request in "\(request.session["times", default: 0])" }
                .get("/increment") { request in
                    request.session["times", default: 0] += 1
                    return "\(request.session["times", default: 0])"
                }
        } else {
            middler(server).get("/read") { _ in "0" }.get("/increment") { _ in "0" }
        }
        try await ServiceGroup(services: services + [server], logger: configuration.logger).run()
    }
}
