import HiredisClient
import RESP

/// GET of a string of a known size.
struct GetOperation: CallerOperation {
    let client: RedisClient
    let key: String
    let size: Int

    func perform() async throws {
        let request = RESPRequest.build(capacity: 64) { encoder in
            encoder.command("GET", argumentCount: 2)
            encoder.argument(key)
        }
        let replies = try await client.send(request, retry: .always)
        precondition(replies.reply.count == size, "another value than was stored")
    }
}

/// SET with an expiry.
struct SetOperation: CallerOperation {
    let client: RedisClient
    let key: String
    let value: [UInt8]

    init(client: RedisClient, key: String, size: Int) {
        self.client = client
        self.key = key
        value = [UInt8](repeating: 0x78, count: size)
    }

    func perform() async throws {
        let request = RESPRequest.build(capacity: 96 + key.utf8.count + value.count) { encoder in
            encoder.command("SET", argumentCount: 5)
            encoder.argument(key)
            encoder.argument(value)
            encoder.argument("PX")
            encoder.argument(3_600_000)
        }
        let replies = try await client.send(request)
        precondition(replies.reply.equals("OK"), "a refusal")
    }
}

/// HGETALL of a record, undecoded.
struct HashOperation: CallerOperation {
    let client: RedisClient
    let key: String

    func perform() async throws {
        let request = RESPRequest.build(capacity: 96) { encoder in
            encoder.command("HGETALL", argumentCount: 2)
            encoder.argument(key)
        }
        let replies = try await client.send(request, retry: .always)
        precondition(replies.reply.count > 0, "no hash")
    }
}
