import Foundation
import Modeler

/// One field out of a record's JSON, by our reader and by Foundation's.
enum JSONMicro {
    private struct Cart: Codable, Sendable {
        var items: [String]
        var total: Int
        var note: String?
    }

    static func run(_ options: Options) throws {
        let count = options.number("iterations", 100_000)
        let cart = try EncodedJSON(encoding: Cart(items: ["tea", "milk", "a kettle"], total: 1234, note: nil))
        let data = Data(cart.bytes)
        let decoder = JSONDecoder()
        let cases: [(String, () throws -> Void)] = [
            ("bag_read_ns", { _ = try cart.value() }),
            ("foundation_bag_read_ns", { _ = try JSONSerialization.jsonObject(with: data) }),
            ("typed_read_ns", { _ = try cart.decode(Cart.self) }),
            ("foundation_typed_read_ns", { _ = try decoder.decode(Cart.self, from: data) }),
            ("integer_write_ns", { _ = try EncodedJSON(encoding: 12345) }),
        ]
        var line: [String] = []
        for (name, body) in cases {
            for _ in 0..<1000 { try body() }
            let start = Reading.now()
            for _ in 0..<count { try body() }
            line.append("\(name)=\(Double(Reading.now() - start) / Double(count))")
        }
        print(line.joined(separator: " "))
    }
}
