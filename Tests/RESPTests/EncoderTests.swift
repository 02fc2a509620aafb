import RESP
import Testing

@Suite struct EncoderTests {
    private func text(_ request: RESPRequest) -> String { String(decoding: request.bytes, as: UTF8.self) }

    @Test("Commands are written as Redis reads them")
    func plain() {
        let request = RESPRequest.build { encoder in
            encoder.command("SET", argumentCount: 3)
            encoder.argument("k")
            encoder.argument(Array("value".utf8))
            encoder.command("GET", argumentCount: 2)
            encoder.argument("k".utf8)
        }
        #expect(text(request) == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n")
        #expect(request.commandCount == 2)
    }

    @Test("Numbers are written in decimal", arguments: [0, 7, 10, -1, -10, 99, 100, 12_345, Int.max, Int.min])
    func numbers(number: Int) {
        let request = RESPRequest.build { encoder in
            encoder.command("INCRBY", argumentCount: 3)
            encoder.argument("k")
            encoder.argument(number)
        }
        let digits = String(number)
        #expect(text(request) == "*3\r\n$6\r\nINCRBY\r\n$1\r\nk\r\n$\(digits.utf8.count)\r\n\(digits)\r\n")
    }

    @Test("F4 Any bytes in an argument are counted, not read")
    func binary() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("F4 seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x00, 0x25, 0x2A, 0x24, 0x31, 0xFF]
        for _ in 0..<2_000 {
            let arguments = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                (0..<Int.random(in: 0..<120, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? 0
                }
            }
            let request = RESPRequest.build { encoder in
                encoder.command(argumentCount: arguments.count)
                for argument in arguments {
                    if Bool.random(using: &generator) {
                        encoder.argument(argument)
                    } else {
                        encoder.argument(argument[...])
                    }
                }
            }
            // A command is an array of bulk strings, which the reader of replies can read.
            #expect(try read([request.bytes]) == [.array(arguments.map { .bulk($0) })], "seed \(seed)")
        }
    }

    @Test("D7 A request knows its first key, also behind ASKING and among others")
    func keys() {
        func key(_ request: RESPRequest) -> String? { request.withKey { String(decoding: $0, as: UTF8.self) } }
        let get = RESPRequest.command("GET", key: "k1")
        #expect(key(get) == "k1" && get.keyCount == 1 && get.bytes == RESPRequest.command("GET", "k1").bytes)
        #expect(key(get.asking()) == "k1" && get.asking().commandCount == 2)
        let ping = RESPRequest.command("PING")
        #expect(key(ping) == nil && ping.keyCount == 0)
        let parted = RESPRequest.build(capacity: 1) { encoder in
            encoder.command("HGETALL", argumentCount: 2)
            encoder.key("prefix:".utf8, "id".utf8)
        }
        let all = RESPRequest.joined([ping, parted, get, ping])
        #expect(key(all) == "prefix:id" && all.keyCount == 2 && all.commandCount == 4)
        #expect(all.bytes == ping.bytes + parted.bytes + get.bytes + ping.bytes)
    }
}
