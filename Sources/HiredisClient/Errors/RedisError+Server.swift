package import RESP

extension RedisError {
    /// The error that a server answered. What the text has in quotes may be a key or a value, and is left out.
    package init(reply: RESPReply, file: String = #fileID, line: Int = #line) {
        let bytes = reply.bytes ?? []
        self.init(
            .server(RedisServerErrorKind(message: bytes)),
            RedisError.withoutQuotes(bytes),
            file: file,
            line: line
        )
    }

    private static func withoutQuotes(_ bytes: ArraySlice<UInt8>) -> String {
        var kept: [UInt8] = []
        var quote: UInt8?
        for byte in bytes.prefix(200) {
            if let open = quote {
                if byte == open {
                    quote = nil
                    kept.append(byte)
                }
            } else {
                kept.append(byte)
                if byte == 0x27 || byte == 0x22 || byte == 0x60 { quote = byte }
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
