extension DirectJSON where Self: FixedWidthInteger {
    func write(to writer: inout JSONWriter, depth: Int) { writer.write(raw: String(self).utf8) }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Self {
        guard scanner.isAtNumber else { throw scanner.mismatch(Self.self) }
        let token = try scanner.skipNumber()
        if let integer = scanner.integer(of: token) {
            guard let value = Self(exactly: integer) else { throw scanner.mismatch(Self.self) }
            return value
        }
        let literal = scanner.literal(of: token)
        // A whole number written with a fraction or an exponent is an integer too, as for `JSONDecoder`.
        guard let value = Self(literal) ?? Double(literal).flatMap(Self.init(exactly:)) else {
            throw scanner.mismatch(Self.self)
        }
        return value
    }
}

extension Int: DirectJSON {}
extension Int8: DirectJSON {}
extension Int16: DirectJSON {}
extension Int32: DirectJSON {}
extension Int64: DirectJSON {}
extension UInt: DirectJSON {}
extension UInt8: DirectJSON {}
extension UInt16: DirectJSON {}
extension UInt32: DirectJSON {}
extension UInt64: DirectJSON {}
