import ArgumentParser
import HiredisClient
import HiredisClientConfiguration

/// Prints the rights that Redis's user needs.
struct ACLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl", abstract: "Print the command that makes a user of Redis with the least rights.",
        discussion:
            "It asks no server. The rights are those of apps, and suffice for sessctl, but for some checks of doctor.")

    @Option(help: "The user's name.")
    var user = "app"

    @Option(help: "What the app's keys begin with.")
    var prefix = "myapp:"

    @Flag(help: "With the right to wait for replicas, for redis.durability=replicated.")
    var replicated = false

    func run() {
        Terminal.line(LeastRights.rule(user: user, prefix: prefix, isReplicated: replicated))
    }
}

/// The least rights of apps in Redis. A test compares them with the article for operators.
enum LeastRights {
    private static let lines = [
        "+ping +role +client|setname +select +echo +info +time +hgetall +evalsha +eval",
        "+hget +hmget +hset +hdel +hkeys +hstrlen +exists +del +pexpireat +persist +pttl +scan",
        "+publish +subscribe +unsubscribe",
        "+zadd +zcard +zcount +zrange +zrangebyscore +zrem +zrevrange +zrevrangebyscore +zscan +zscore",
    ]

    static func rule(user: String, prefix: String, isReplicated: Bool) -> String {
        let head = "ACL SETUSER \(user) on >PASSWORD resetkeys ~\(prefix)* resetchannels &\(prefix)* -@all"
        return ([head] + lines + (isReplicated ? ["+wait"] : [])).joined(separator: " \\\n    ")
    }
}
