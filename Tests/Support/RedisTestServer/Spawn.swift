import Foundation

/// Starts a program found on the path, with no input and its output dropped. Returns its process id.
func spawn(_ arguments: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    copies.append(nil)
    var pid: pid_t = 0
    let result = withDefaultSignals { posix_spawnp(&pid, arguments[0], &actions, $0, copies, environ) }
    guard result == 0 else {
        throw RawRedis.Failure(description: "can't start \(arguments[0]): \(String(cString: strerror(result)))")
    }
    return pid
}
