import Foundation
import Sess
import Testing

/// S14: what a client says of itself is bounded in bytes.
@Suite struct SessionDeviceTests {
    private func check(_ device: SessionDevice, _ text: String) {
        #expect((device.address?.utf8.count ?? 0) <= SessionDevice.maximumAddressLength)
        #expect((device.userAgent?.utf8.count ?? 0) <= SessionDevice.maximumUserAgentLength)
        for kept in [device.address, device.userAgent] {
            let scalars = kept.map { Array($0.unicodeScalars) } ?? []
            #expect(scalars == Array(text.unicodeScalars.prefix(scalars.count)), "whole scalars of the beginning")
        }
    }

    @Test(
        "Address and user agent are cut by their bytes, between two scalars, however they get in",
        arguments: [
            "a" + String(repeating: "\u{301}", count: 33_000), String(repeating: "🎉", count: 300),
            "x" + String(repeating: "é", count: 400), String(repeating: "a", count: 400),
            String(repeating: "👨‍👩‍👧‍👦", count: 60), String(repeating: "\u{FFFD}", count: 200),
        ]
    )
    func cut(_ text: String) throws {
        check(SessionDevice(address: text, userAgent: text), text)
        var device = SessionDevice()
        device.address = text
        device.userAgent = text
        check(device, text)
        let encoded = try JSONEncoder().encode(["address": text, "userAgent": text])
        check(try JSONDecoder().decode(SessionDevice.self, from: encoded), text)
        #expect((device.userAgent?.utf8.count ?? 0) > SessionDevice.maximumUserAgentLength - 4)
    }

    @Test("What is short enough stays as it is, and survives a round trip")
    func short() throws {
        let agent = String(repeating: "é", count: 128)
        let device = SessionDevice(address: "fe80::1%eth0", userAgent: agent)
        #expect(device.address == "fe80::1%eth0" && device.userAgent == agent)
        #expect(try JSONDecoder().decode(SessionDevice.self, from: JSONEncoder().encode(device)) == device)
        let empty = SessionDevice()
        #expect(try JSONDecoder().decode(SessionDevice.self, from: JSONEncoder().encode(empty)) == empty)
    }
}
