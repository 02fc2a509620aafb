import Foundation
import Synchronization

/// Where the search goes on. It begins elsewhere in each process, and no port is given twice in one.
private let offset = Atomic<Int>(Int.random(in: 0..<portCount))
private let firstPort = 20_000
private let portCount = 12_000

/// A TCP port of the loopback address on which nobody listens now.
///
/// It is none of those that the system gives to outgoing connections (from 32768 on Linux): such a one could be taken
/// by another test's connection before the server has bound it.
public func freePort() throws -> Int {
    for _ in 0..<200 {
        let port = firstPort + offset.wrappingAdd(1, ordering: .relaxed).oldValue % portCount
        if canBind(port) { return port }
    }
    throw RawRedis.Failure(description: "no free port")
}

private func canBind(_ port: Int) -> Bool {
    // A server that is started at this moment would inherit the descriptor, and keep the port.
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
