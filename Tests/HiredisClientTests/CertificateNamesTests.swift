import Testing

@testable import HiredisClient

@Suite struct CertificateNamesTests {
    @Test(
        "A certificate is for the names that it has",
        arguments: [
            (["localhost"], "localhost", true), (["LocalHost"], "localhost", true), (["localhost."], "localhost", true),
            (["localhost"], "localhost.", true), (["a.b.c"], "a.b.c", true), (["a.b.c"], "b.c", false),
            (["*.b.c"], "a.b.c", true), (["*.b.c"], "b.c", false), (["*.b.c"], "x.a.b.c", false),
            (["a*.b.c"], "ab.b.c", false), (["*a.b.c"], "ba.b.c", false), (["*.c"], "a.c", false), (["*"], "a", false),
            (["a.*.c"], "a.b.c", false), (["*.*.c"], "a.b.c", false), ([""], "", false), (["."], ".", false),
            (["*.b.c"], ".b.c", false), (["127.0.0.1"], "127.0.0.1", false), ([], "localhost", false),
            (["xn--bcher-kva.example"], "xn--bcher-kva.example", true),
        ])
    func names(_ names: [String], _ host: String, _ isNamed: Bool) {
        #expect(CertificateNames(names: names).include(host) == isNamed)
    }

    @Test("An address is one of the certificate's addresses, and never a name")
    func addresses() {
        let names = CertificateNames(
            names: ["10.0.0.1", "::1"], addresses: [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [2]])
        #expect(
            names.include("127.0.0.1") && names.include("::2") && names.include("0:0::2") && names.include("::2%eth0"))
        #expect(!names.include("127.0.0.2") && !names.include("::1") && !names.include("10.0.0.1"))
    }
}
