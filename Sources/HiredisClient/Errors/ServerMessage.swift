/// Makes the text of a server's error fit for a log: the whole sentence, without the caller's data.
enum ServerMessage {
    private static let maximumBytes = 512

    /// The text with its quoted parts empty, but for the names of commands, and without the arguments that the server
    /// repeats.
    static func redacted(_ message: some Collection<UInt8>) -> String {
        let text = Array(message.prefix(maximumBytes))
        let arguments = Array(", with args beginning with".utf8)
        let end = text.firstIndex(of: arguments) ?? text.count
        return String(decoding: withoutQuotes(text[..<end]).map(printable), as: UTF8.self)
    }

    /// A server's own sentence, as far as it is known to be one.
    static func answerToSignIn(_ message: some Collection<UInt8>) -> String {
        let text = String(decoding: message.prefix(maximumBytes), as: UTF8.self)
        if let sentence = signInSentences.first(where: text.hasPrefix) { return sentence }
        let kind = RedisServerErrorKind(message: message)
        return "\(kind.rawValue) (the rest isn't shown, as it may hold the password)"
    }

    private static let signInSentences = [
        "WRONGPASS invalid username-password pair or user is disabled.", "WRONGPASS invalid username-password pair",
        "ERR invalid password", "ERR Client sent AUTH, but no password is set", "NOAUTH Authentication required.",
        "ERR AUTH <password> called without any password configured for the default user.",
        "ERR wrong number of arguments for 'auth' command", "ERR unknown command", "ERR unsupported command",
        "ERR max number of clients reached", "DENIED Redis is running in protected mode",
        "DENIED Valkey is running in protected mode", "LOADING Redis is loading the dataset in memory",
        "LOADING Valkey is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
    ]

    private static func withoutQuotes(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        var rest = text
        while let open = rest.indices.first(where: { isQuote(at: $0, of: rest) }) {
            kept += rest[...open]
            let tail = rest[(open + 1)...]
            let quote = rest[open]
            if let end = tail.firstIndex(of: quote), isCommand(tail[..<end], before: rest[..<open], after: tail[end...])
            {
                kept += tail[...end]
                rest = tail[(end + 1)...]
                continue
            }
            // What is quoted may have quotes itself: it goes on to the last one.
            guard let end = tail.indices.last(where: { tail[$0] == quote && isQuote(at: $0, of: tail) }) else {
                return kept
            }
            kept.append(quote)
            rest = tail[(end + 1)...]
        }
        return kept + rest
    }

    /// Whether a byte is a quotation mark, and no apostrophe between two letters.
    private static func isQuote(at index: Int, of text: ArraySlice<UInt8>) -> Bool {
        guard text[index] == 0x27 else { return text[index] == 0x22 || text[index] == 0x60 }
        guard index > text.startIndex, index + 1 < text.endIndex else { return true }
        return !(isLetter(text[index - 1]) && isLetter(text[index + 1]))
    }

    /// Whether quoted text is a command's name, or that of the one setting that a server quotes.
    private static func isCommand(
        _ word: ArraySlice<UInt8>, before: ArraySlice<UInt8>, after: ArraySlice<UInt8>
    ) -> Bool {
        guard !word.isEmpty, word.count <= 32, word.allSatisfy({ isLetter($0) || $0 == 0x7C || $0 == 0x5F }) else {
            return false
        }
        let following = after.dropFirst()
        return before.ends(with: "command ") || following.starts(with: " command".utf8)
            || following.starts(with: " subcommand".utf8) || word.elementsEqual("maxmemory".utf8)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    private static func printable(_ byte: UInt8) -> UInt8 { byte < 0x20 || byte == 0x7F ? 0x3F : byte }
}

extension Collection<UInt8> where Self: RandomAccessCollection, Index == Int {
    fileprivate func ends(with text: StaticString) -> Bool {
        suffix(text.utf8CodeUnitCount).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate func firstIndex(of other: [UInt8]) -> Int? {
        indices.first { self[$0...].starts(with: other) }
    }
}
