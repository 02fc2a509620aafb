// A counter for each visitor: curl -b jar -c jar http://127.0.0.1:8080/
import Foundation
import SessFlyingFox

var routes = RoutedHTTPHandler()
routes.appendRoute("GET /") { request in
    request.session["times", default: 0] += 1
    return HTTPResponse(statusCode: .ok, body: Data("\(request.session["times", default: 0]) times\n".utf8))
}
let server = HTTPServer(port: 8080, handler: SessionHTTPHandler(routes, SessionManager()))
try await server.run()
