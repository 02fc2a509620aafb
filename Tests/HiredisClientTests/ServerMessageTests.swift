import Testing

@testable import HiredisClient

@Suite("What is shown of a server's error")
struct ServerMessageTests {
    @Test(
        "F6 Whole sentences, and the names of commands",
        arguments: [
            "READONLY You can't write against a read only replica.",
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled",
            "ERR The user executing the script can't run this command or subcommand",
            "NOPERM User app has no permissions to run the 'evalsha' command",
            "NOPERM this user has no permissions to run the 'config|get' command or its subcommand",
            "OOM command not allowed when used memory > 'maxmemory'.",
        ])
    func whole(message: String) {
        #expect(ServerMessage.redacted(Array(message.utf8)) == message)
    }

    @Test(
        "F2 No argument, key or value",
        arguments: [
            (
                "ERR unknown command 'EVALSHA', with args beginning with: 'SECRET' 'it's SECRET's' ",
                "ERR unknown command 'EVALSHA'"
            ),
            ("ERR unknown command `EVALSHA`, with args beginning with: `SECRET`", "ERR unknown command `EVALSHA`"),
            (
                "NOPERM User app has no permissions to access the 'it's SECRET's' key",
                "NOPERM User app has no permissions to access the '' key"
            ),
            ("ERR bad 'a' SECRET 'b' it isn't", "ERR bad '' it isn't"), ("ERR bad 'SECRET", "ERR bad '"),
            ("ERR bad \"SECRET\r\n\" x\u{1}", "ERR bad \"\" x?"),
        ])
    func redacted(message: String, shown: String) {
        #expect(ServerMessage.redacted(Array(message.utf8)) == shown)
    }

    @Test("F2 An answer to AUTH shows no byte of user and password, whatever the server repeats of them")
    func signIn() {
        for password in ["ab'SECRETTAIL", "it's SECRETTAIL's", "SECRETTAIL", "ab`SECRETTAIL", "ab SECRETTAIL"] {
            for echo in [
                "ERR unknown command 'AUTH', with args beginning with: 'o'brien' '\(password)' ",
                "ERR unsupported command AUTH o'brien \(password)", "ERR \(password)", "\(password) is wrong",
                "WRONGPASS invalid username-password pair or user is disabled. \(password)",
                "WRONGPASS \(password) is not the password of o'brien",
            ] {
                let error = RedisError(answerToSignIn: machineReply("-\(echo)\r\n"))
                #expect(!error.description.contains("TAIL") && !error.description.contains("brien"), "\(error)")
            }
        }
        let usual = RedisError(
            answerToSignIn: machineReply("-WRONGPASS invalid username-password pair or user is disabled.\r\n"))
        #expect(usual.message == "WRONGPASS invalid username-password pair or user is disabled.")
    }
}
