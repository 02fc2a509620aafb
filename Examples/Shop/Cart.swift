import Hummingbird
import SessHummingbird

struct Cart: Codable, Sendable {
    var counts: [String: Int] = [:]
}

enum CartKey: SessionKey {
    static let name = "cart"
    static let defaultValue = Cart()
}

struct CartForm: Decodable {
    var item: String
}

func addCart(to router: Router<AppContext>) {
    router.post("cart") { request, context in
        let form = try await request.decode(as: CartForm.self, context: context)
        guard ["tea", "milk"].contains(form.item) else { throw HTTPError(.notFound) }
        try await context.session.update { $0[CartKey.self].counts[form.item, default: 0] += 1 }
        context.session.flash("There is more \(form.item) in your cart.")
        return Response.redirect(to: "/")
    }
}

func cartPage(_ session: Session) -> String {
    let cart = session[CartKey.self].counts.sorted { $0.key < $1.key }
    let lines = cart.map { "<li>\(escaped($0.key)): \($0.value)" }.joined()
    return """
        <ul>\(lines)</ul>
        <form method="post" action="/cart">
        <button name="item" value="tea">Tea</button> <button name="item" value="milk">Milk</button>
        </form>
        """
}
