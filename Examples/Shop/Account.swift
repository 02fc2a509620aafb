import Hummingbird
import SessHummingbird

struct LoginForm: Decodable {
    var name: String
    var password: String
    var remember: Bool?
}

/// Stands for the app's accounts, which keep a hash of each password.
func isRight(_ password: String, of name: String) -> Bool { ["alice": "tea", "bob": "milk"][name] == password }

func addAccount(to router: Router<AppContext>, _ manager: SessionManager) {
    router.post("login") { request, context in
        let form = try await request.decode(as: LoginForm.self, context: context)
        let epoch = try await manager.epoch(of: form.name)
        guard isRight(form.password, of: form.name) else {
            context.session.flash("That is not the password.")
            return Response.redirect(to: "/")
        }
        try await context.session.signIn(
            userID: form.name,
            device: SessionDevice(address: context.remoteAddress, userAgent: request.headers[.userAgent]),
            since: epoch
        )
        if form.remember == true { try context.session.remember() }
        context.session.flash("Welcome, \(form.name).")
        return Response.redirect(to: "/")
    }
    router.post("logout") { _, context in
        try await context.session.signOut()
        return Response.redirect(to: "/")
    }
}

let loginForm = """
    <form method="post" action="/login">
    <input name="name" autocomplete="username" required>
    <input name="password" type="password" autocomplete="current-password" required>
    <label><input name="remember" type="checkbox" value="true"> remember me</label>
    <button>Sign in</button>
    </form>
    """
