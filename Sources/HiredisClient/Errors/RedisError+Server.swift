package import RESP

extension RedisError {
    /// The error that a server answered. What the text has in quotes may be a key or a value, and is left out.
    package init(reply: RESPReply, file: String = #fileID, line: Int = #line) {
        let bytes = reply.bytes ?? []
        self.init(
            .server(RedisServerErrorKind(message: bytes)),
            ServerMessage.redacted(bytes),
            file: file,
            line: line
        )
    }

    /// The error that a server answered to AUTH, which may hold user and password in any form: only a server's own
    /// sentences are shown.
    init(answerToSignIn reply: RESPReply, file: String = #fileID, line: Int = #line) {
        let bytes = reply.bytes ?? []
        self.init(
            .server(RedisServerErrorKind(message: bytes)),
            ServerMessage.answerToSignIn(bytes),
            file: file,
            line: line
        )
    }
}
