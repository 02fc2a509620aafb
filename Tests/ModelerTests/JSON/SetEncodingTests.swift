import Foundation
import Modeler
import Testing

/// A set that is put back unchanged is no change.
@Suite struct SetEncodingTests {
    enum Kind: String, Codable, CaseIterable { case tea, coffee, water, milk, juice, cocoa }

    /// Equal sets that hold their elements in different orders.
    private func variants<Element: Hashable>(_ elements: [Element]) -> [Set<Element>] {
        (0..<20).map { capacity in
            var set = Set<Element>(minimumCapacity: capacity * 40)
            for element in elements.shuffled() { set.insert(element) }
            return set
        }
    }

    private func check<Value: Codable & Equatable>(_ values: [Value]) throws {
        #expect(try Set(values.map { try EncodedJSON(encoding: $0) }).count == 1)
        let encoded = try EncodedJSON(encoding: values[0])
        #expect(try encoded.decode(Value.self) == values[0])
        #expect(try JSONDecoder().decode(Value.self, from: Data(encoded.bytes)) == values[0])
    }

    @Test("Equal sets have equal bytes: alone, in arrays, optionals and dictionaries, and of types of one's own")
    func equalBytes() throws {
        let texts = variants((0..<30).map { "text \($0)" })
        try check(texts)
        try check(variants(Array(-20..<20)))
        try check(texts.map { [$0] })
        try check(texts.map { ["a": $0] })
        try check(texts.map { Optional($0) })
        try check(variants(Kind.allCases))
        try check(variants((0..<10).map { _ in UUID() }))
        #expect(try EncodedJSON(encoding: ["b", "a"] as Set).text == #"["a","b"]"#)
        #expect(try EncodedJSON(encoding: [] as Set<String>).text == "[]")
    }
}
