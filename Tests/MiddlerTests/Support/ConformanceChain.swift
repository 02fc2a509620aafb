import HTTPTypes
import Middler
import NIOCore

/// What the HTTP tables ask.
enum ConformanceChain {
    static func make() -> HandlerChain {
        HandlerChain()
            .get("/probe") { _ in "probe" }
            .get("/") { _ in "root" }
            .post("/echo") { request in try await request.body.collect(upTo: 1 << 20) }
            .post("/ignore") { _ in "ignored" }
            .post("/pipe") { request in
                Response(
                    body: .stream { writer in
                        for try await part in request.body { try await writer.write(part) }
                    })
            }
            .get("/chunked") { _ in
                Response(
                    body: .stream { writer in
                        try await writer.write("first ")
                        try await writer.write("")
                        try await writer.write("second")
                    })
            }
            .get("/known") { _ in Response(body: .stream(length: 5) { try await $0.write("known") }) }
            .get("/short") { _ in Response(body: .stream(length: 9) { try await $0.write("short") }) }
            .get("/long") { _ in
                Response(
                    body: .stream(length: 2) { writer in
                        try await writer.write("a")
                        try await writer.write("long")
                    })
            }
            .get("/broken") { _ in
                Response(
                    body: .stream { writer in
                        try await writer.write("begun")
                        throw HTTPError(.internalServerError)
                    })
            }
            .get("/empty") { _ in HTTPResponse.Status.noContent }
            .get("/reset") { _ in Response(status: .resetContent, body: .bytes(ByteBuffer(string: "body"))) }
            .get("/reset-stream") { _ in
                Response(status: .resetContent, body: .stream { try await $0.write("body") })
            }
            .get("/close-in-list") { _ in Response(headerFields: [.connection: "x,\tClose "]) }
            .get("/option") { _ in Response(headerFields: [.connection: "closed, x-close"]) }
            .get("/close") { _ in Response(headerFields: [.connection: "close"]) }
            .get("/target") { request in "\(request.authority ?? "-") \(request.head.path ?? "-")" }
            .get("/lies") { _ in
                Response(
                    headerFields: [.contentLength: "999", .transferEncoding: "chunked", .connection: "upgrade"],
                    body: .bytes(ByteBuffer(string: "truth")))
            }
    }
}
