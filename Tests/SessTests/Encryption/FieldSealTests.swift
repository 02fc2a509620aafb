import Modeler
import Testing

@testable import Sess

/// The form of sealed values.
@Suite struct FieldSealTests {
    private let key = [UInt8](0..<32)
    private let value = EncodedJSON(unchecked: ArraySlice("{\"a\":1}".utf8))

    private func seal() throws -> FieldSeal {
        FieldSeal(ring: try KeyRing([.init(name: "k", bytes: key), .init(name: "old", bytes: key.reversed())]))
    }

    /// The parts of a sealed value's text.
    private func parts(_ sealed: EncodedJSON) throws -> [String] {
        try sealed.decode(String.self).split(separator: ".").map(String.init)
    }

    @Test(
        "A value is sealed with a key of its record alone, which is HKDF-SHA256 of the ring's with the id in its info")
    func derivation() throws {
        // Both made by another implementation, the second one with the ring's own key.
        let derived = "ZGVmZ2hpamtsbW5vcR3cHyoOeqwyDUsojF6T6fO-MVi_rLY"
        let underived = "ZGVmZ2hpamtsbW5vMzm_REPYKyDfgU-3pmGdiaKLQ94l-A4"
        let seal = try seal()
        func open(_ text: String, in id: ModelID) throws -> EncodedJSON {
            try seal.open(EncodedJSON(encoding: "v1.k.\(text)"), of: "name", in: id)
        }
        #expect(try open(derived, in: ModelID(7)) == value)
        #expect(throws: ModelError.self) { try open(underived, in: ModelID(7)) }
        #expect(throws: ModelError.self) { try open(derived, in: ModelID(8)) }
        let parts = try parts(seal.seal(value, of: "name", in: ModelID(7)))
        #expect(parts[0] == "v1" && parts[1] == "k" && parts[2].count == derived.count)
    }

    @Test("What this process can't open and another may is told from what nobody opens")
    func codes() throws {
        let seal = try seal()
        let sealed = try parts(seal.seal(value, of: "name", in: ModelID(7)))
        func code(_ text: String) -> ModelError.Code? {
            let forged = EncodedJSON(unchecked: ArraySlice("\"\(text)\"".utf8))
            let error = #expect(throws: ModelError.self) { try seal.open(forged, of: "name", in: ModelID(7)) }
            return error?.code
        }
        #expect(code("v1.gone.\(sealed[2])") == .unreadableHere)
        #expect(code("v2.k.\(sealed[2])") == .unreadableHere)
        #expect(code("v1.old.\(sealed[2])") == .unreadable)
        let last: Character = sealed[2].last == "A" ? "Q" : "A"
        for text in [
            "v1.k.\(sealed[2].dropLast(1))\(last)", "v1.k.\(sealed[2])A", "v1.k.", "v1.k", "k.\(sealed[2])", "", ".",
            "..",
            "vx.k.\(sealed[2])", "v1.k.\(sealed[2]).x", "v1.k.é",
        ] {
            #expect(code(text) == .unreadable, "\(text.prefix(8))")
        }
    }

    @Test("One seal opens the fields of a record under all keys of the ring")
    func record() throws {
        let seal = try seal()
        let older = FieldSeal(ring: try KeyRing([.init(name: "old", bytes: key.reversed())]))
        var record = seal.record(ModelID(7))
        for name in ["a", "b"] {
            #expect(try record.open(older.seal(value, of: name, in: ModelID(7)), of: name) == value)
            #expect(try record.open(record.seal(value, of: name), of: name) == value)
        }
    }
}
