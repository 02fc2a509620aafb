import HTTPTypes
import Hummingbird
import Modeler
import NIOCore
import Sess
import SessHummingbird

/// The provider that signs in the recipes' users.
struct Provider: Sendable {
    func authorization(state: String, verifier: String) -> String { "https://login.example/?state=\(state)" }

    func user(code: String, verifier: String) async throws -> String { "alice" }

    func ssoURL(requestID: String) -> String { "https://sso.example/?id=\(requestID)" }

    /// The user that a signed response names, if it answers this request.
    func user(in response: String, inResponseTo requestID: String) -> String? {
        response == "signed \(requestID)" ? "alice" : nil
    }
}

// snippet: forms
struct AppContext: SessRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestSessions = RequestSessions()
    let channel: any Channel
    // Reads the body of a browser's form; without it, bodies are JSON.
    let requestDecoder = URLEncodedFormDecoder()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

// <input type="checkbox" name="remember" value="true">: one that isn't ticked sends nothing.
struct LoginForm: Decodable {
    var name: String
    var password: String
    var remember: Bool?
}
// end

func addLogin(to router: Router<some SessRequestContext>, manager: SessionManager, users: Users) {
    // snippet: login
    router.post("login") { request, context in
        let form = try await request.decode(as: LoginForm.self, context: context)
        let epoch = try await manager.epoch(of: form.name)
        guard users.verify(form.name, form.password) else { throw HTTPError(.unauthorized) }
        try await context.session.signIn(
            userID: form.name,
            device: SessionDevice(address: context.remoteAddress, userAgent: request.headers[.userAgent]),
            since: epoch
        )
        if form.remember == true { try context.session.remember() }
        context.session.flash("Welcome back, \(form.name).")
        return Response.redirect(to: "/", type: .found)
    }
    // end
}

func addOAuth(to router: Router<some SessRequestContext>, provider: Provider) {
    // snippet: oauth
    router.get("oauth/begin") { _, context in
        let state = ModelID.random().rawValue
        let verifier = ModelID.random().rawValue + ModelID.random().rawValue
        try context.session.set("oauth.\(state)", to: verifier, expiringAfter: .seconds(600))
        return Response.redirect(to: provider.authorization(state: state, verifier: verifier), type: .found)
    }
    router.get("oauth/end") { request, context in
        let query = request.uri.queryParameters
        guard let code = query["code"], let state = query["state"].flatMap({ try? ModelID(String($0)) }),
            let verifier = try await context.session.take("oauth.\(state)", as: String.self)
        else { throw HTTPError(.badRequest) }
        let user = try await provider.user(code: String(code), verifier: verifier)
        try await context.session.signIn(userID: user)
        return Response.redirect(to: "/", type: .found)
    }
    // end
}

// snippet: saml-cookie
enum SAMLSessions: SessionSystem {}

func samlOptions() throws -> SessionOptions {
    var options = SessionOptions()
    options.cookie = try SessionCookie(name: "__Secure-saml", path: "/saml", secure: .always, sameSite: .none)
    options.timeouts.absolute = .seconds(600)
    return options
}
// end

struct SAMLForm: Decodable {
    var response: String

    enum CodingKeys: String, CodingKey {
        case response = "SAMLResponse"
    }
}

func addSAML(to router: Router<AppContext>, manager: SessionManager, saml: SessionManager, provider: Provider) {
    // snippet: saml
    router.add(middleware: SessMiddleware(manager))
    router.add(middleware: SessMiddleware(saml, system: SAMLSessions.self))
    router.get("saml/begin") { _, context in
        let requestID = "id-\(ModelID.random())"
        try context.session(of: SAMLSessions.self).set("request", to: requestID, expiringAfter: .seconds(600))
        return Response.redirect(to: provider.ssoURL(requestID: requestID), type: .found)
    }
    router.post("saml/acs") { request, context in
        let form = try await request.decode(as: SAMLForm.self, context: context)
        let session = context.session(of: SAMLSessions.self)
        guard let requestID = try await session.take("request", as: String.self),
            let user = provider.user(in: form.response, inResponseTo: requestID)
        else { throw HTTPError(.forbidden) }
        try session.set("user", to: user, expiringAfter: .seconds(60))
        return Response.redirect(to: "/saml/done")
    }
    router.get("saml/done") { _, context in
        let user = try await context.session(of: SAMLSessions.self).take("user", as: String.self)
        guard let user else { throw HTTPError(.forbidden) }
        try await context.session.signIn(userID: user)
        return Response.redirect(to: "/")
    }
    // end
}
