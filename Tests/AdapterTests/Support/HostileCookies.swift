import SessTestSupport

/// Values of a `Cookie` field in which there is no token.
enum HostileCookies {
    static func fields() -> [[UInt8]] {
        let good = PlantedToken.random()
        var texts = [
            "sess=", "sess", "=x", "sess=v1", "sess=v1..", "sess=v1.a.b", "sess=\(good.text)x", "sess=x\(good.text)",
            "sess=v2.\(good.id).\(good.secret)", "sess=\"\(good.text)\"", "sess=\(good.text.dropLast())",
            "Sess=\(good.text)", "sess =\(good.text)", "sess= \(good.text)", "$Version=1; sess=\"\(good.text)\"",
            "sess=v1.\(good.id)=\(good.secret)", "sess=v1.\(good.id).\(good.secret.dropLast())B",
            "sess=%76%31.\(good.id).\(good.secret)", "sess=v1.*\(good.id.dropFirst()).\(good.secret)",
            "sess=v1.../../../../../../etc/pa.\(good.secret)", "sess=v1.:\(good.id.dropFirst()).\(good.secret)",
            "sess=v1.{\(good.id.dropFirst(2))}.\(good.secret)", "sess=\(StoreKind.prefix)sessions:\(good.id)",
            "sess=" + String(repeating: "A", count: 60_000), "sess=" + String(repeating: "A", count: 100_000),
            String(repeating: "a=b; ", count: 10_000), "\u{A0}sess=\(good.text)", "sess=é\(good.text.dropFirst())",
            "other=\(good.text)", "sess2=\(good.text)", "xsess=\(good.text)",
            "sess=v1.\r\n\(good.id).\(good.secret)",
            "sess=v1.\(good.id)\r\nSET evil 1\r\n.\(good.secret)",
        ]
        texts += ["\0", "\u{1}", "\u{7F}", "\r", "\u{B}"].map { "sess=v1.\($0)\(good.id.dropFirst()).\(good.secret)" }
        return texts.map { Array($0.utf8) } + [[0x73, 0x65, 0x73, 0x73, 0x3D, 0xFF, 0xFE]]
    }
}
