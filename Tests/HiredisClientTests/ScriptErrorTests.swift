import Testing

@testable import HiredisClient

@Suite("Errors inside scripts")
struct ScriptErrorTests {
    private static let digest = "f_2f7e5e1f3c0a1d5f0b1f1a8f8a5b6c7d8e9f0a1b"

    @Test(
        "D12 Before Redis 7 the kind is that of the error which the script's error wraps",
        arguments: [
            (
                "@user_script: 192: -READONLY You can't write against a read only replica.",
                RedisServerErrorKind.readOnly
            ),
            ("@user_script: 192: -OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
            ("@user_script: 192: -NOREPLICAS Not enough good replicas to write.", .noReplicas),
            ("@user_script: 192: -MISCONF Errors writing to the AOF file: No space left", .misconfigured),
            ("@user_script: 192: WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType),
            ("@user_script: 192: The user executing the script can't run this command or subcommand", .noPermission),
            ("@user_script: 192: attempt to index a nil value: -READONLY", .other),
            ("a text that holds @user_script: 1: -READONLY x", .other),
        ])
    func wrapped(error: String, kind: RedisServerErrorKind) {
        let message = "ERR Error running script (call to \(Self.digest)): @user_script:192: \(error) "
        #expect(RedisServerErrorKind(message: Array(message.utf8)) == kind)
    }

    @Test(
        "D12 From Redis 7 on the error is the script's own",
        arguments: [
            (
                "READONLY You can't write against a read only replica. script: 2f7e, on @user_script:192.",
                RedisServerErrorKind.readOnly
            ),
            ("OOM command not allowed when used memory > 'maxmemory'. script: 2f7e, on @user_script:3.", .outOfMemory),
            ("ERR The user executing the script can't run this command or subcommand script: 2f7e", .noPermission),
            ("ERR The user executing the script can't access at least one of the keys script: 2f7e", .noPermission),
            (
                "ERR ACL failure in script: User app has no permissions to run the 'time' command script: 2f7e",
                .noPermission
            ),
            ("ERR user_script:1: something else script: 2f7e, on @user_script:1.", .other),
        ])
    func own(message: String, kind: RedisServerErrorKind) {
        #expect(RedisServerErrorKind(message: Array(message.utf8)) == kind)
    }

    @Test("D12 A missing right in the middle of a script leaves open what was executed before it")
    func partial() {
        #expect(RedisError.Code.server(.readOnly).isKnownNotExecuted)
        #expect(!RedisError.Code.server(.noPermission).isKnownNotExecuted)
    }
}
