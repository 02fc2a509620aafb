/// A well-formed token that no server issued.
public struct PlantedToken: Sendable {
    public var id: String
    public var secret: String

    public var text: String { "v1.\(id).\(secret)" }

    public static func random() -> PlantedToken {
        // The last character of each stands for fewer than six bits: `A`, `Q`, `g` and `w` are valid for both.
        PlantedToken(id: characters(21) + "A", secret: characters(42) + "A")
    }

    private static func characters(_ count: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<64)] })
    }
}
