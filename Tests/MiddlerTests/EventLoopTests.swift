import HTTPTypes
import Middler
import NIOCore
import NIOPosix
import SessTestSupport
import Synchronization
import Testing

/// Where handlers run, and when what they write leaves.
@Suite struct EventLoopTests {
    @Test("A handler runs on its connection's event loop before and after it waits, and so does what writes its body")
    func onLoop() async throws {
        @Sendable func loop() -> ObjectIdentifier? {
            MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
        }
        let chain = HandlerChain().post("/") { request in
            let first = loop()
            _ = try await request.body.collect(upTo: 100)
            try await Task.sleep(for: .milliseconds(1))
            let second = loop()
            return Response(
                body: .stream { writer in
                    let third = loop()
                    try await Task.sleep(for: .milliseconds(1))
                    let isSame = first != nil && [second, third, loop()].allSatisfy { $0 == first }
                    try await writer.write("\(isSame)")
                })
        }
        try await withServer(chain) { port, _ in
            for _ in 0..<10 {
                let answer = try await Browser(port: port).send(.post("/", json: "{}")).text
                #expect(answer == "true")
            }
        }
    }

    @Test("Responses to requests that came together leave together")
    func together() async throws {
        let request = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n"
        try await withServer(ConformanceChain.make()) { port, _ in
            for _ in 0..<50 {
                let first = Mutex(0)
                _ = try await RawSocket.exchange(port: port, Array((request + request + request).utf8)) { received in
                    let count = RawResponse.parse(received).count { $0.body == "probe" }
                    first.withLock { if $0 == 0 { $0 = count } }
                    return count == 3
                }
                #expect(first.withLock { $0 } == 3)
            }
        }
    }

    @Test("What a handler has written is with the client before it writes more")
    func promptly() async throws {
        let isRead = Flag()
        let chain = HandlerChain().get("/") { _ in
            Response(
                body: .stream { writer in
                    try await writer.write("first ")
                    // Its client waits for the first part, too.
                    try await eventually { isRead.isRaised }
                    try await writer.write("second")
                })
        }
        try await withServer(chain) { port, _ in
            let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let received = try await RawSocket.exchange(port: port, Array(request.utf8)) { received in
                if String(decoding: received, as: UTF8.self).contains("first ") { isRead.raise() }
                return false
            }
            #expect(RawResponse.parse(received).map(\.body) == ["first second"])
        }
    }

    @Test("A handler that is always ready to go on leaves the loop to the other connections")
    func fairness() async throws {
        let isDone = Flag()
        let chain = HandlerChain()
            .get("/busy") { _ in
                while !isDone.isRaised { await Task.yield() }
                return "done"
            }
            .get("/free") { _ in "free" }
        // One thread, so that all connections share it.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await withServer(chain, group: group) { port, _ in
            async let busy = Browser(port: port).get("/busy").text
            for _ in 0..<20 {
                let answer = try await Browser(port: port).get("/free").text
                #expect(answer == "free")
            }
            isDone.raise()
            let answer = try await busy
            #expect(answer == "done")
        }
        try await group.shutdownGracefully()
    }
}
