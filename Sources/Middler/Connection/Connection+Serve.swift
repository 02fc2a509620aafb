import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

extension Connection {
    /// Answers the connection's requests, one after the other, until it ends.
    @concurrent
    func serve(_ service: RequestService) async {
        do {
            while try await serveOne(service) {}
            try await waitUntilSent()
            closeGently()
            try? await channel.closeFuture.get()
        } catch {
            // The client is gone, or too slow: nobody is left to be told.
            close()
        }
    }

    /// - Returns: Whether another request may follow.
    private func serveOne(_ service: RequestService) async throws -> Bool {
        let head: HTTPRequestHead
        do {
            head = try await nextHead()
        } catch let failure as Intake.Failure {
            guard let error = failure.headError else { return false }
            return try await refuse(error)
        }
        let checked: RequestHead
        do {
            checked = try RequestHead(head, maximumBodySize: configuration.maximumBodySize)
        } catch {
            return try await refuse(error)
        }
        let number = try await begin(checked)
        let hasBody = checked.contentLength != 0
        let request = Request(
            head: checked.request, body: hasBody ? RequestBody(.connection(self, request: number)) : .none,
            remoteAddress: channel.remoteAddress)
        let response = await service.respond(to: request)
        return try await send(response, to: checked, head.version, number)
    }

    /// Answers what is no request that can be served.
    private func refuse(_ error: HTTPError) async throws -> Bool {
        let plan = ResponsePlan(error.response, to: .get, .http1_1, mayKeep: false, date: try await date())
        try await write(plan, request: 0)
        return false
    }

    private func send(
        _ response: Response, to head: RequestHead, _ version: HTTPVersion, _ number: Int
    ) async throws -> Bool {
        let body = try await bodyState()
        let rest = head.contentLength.map { $0 - body.received } ?? 0
        // A handler may read on while it answers.
        let isBodyInTheWay = !body.isWhole && !response.body.isStream && rest > Self.maximumDrainedBytes
        let mayKeep = head.keepsConnection && !body.isQuiescing && !body.isLost && !isBodyInTheWay
        let plan = ResponsePlan(
            response, to: head.request.method, version, mayKeep: mayKeep, date: try await date())
        try await write(plan, request: number)
        guard plan.keepsConnection else { return false }
        if body.isWhole { return true }
        return try await drain(number)
    }

    /// Reads what nobody wanted of a body, so that the connection can serve on; whether it was little enough.
    private func drain(_ request: Int) async throws -> Bool {
        var drained = 0
        do {
            while let part = try await nextBodyPart(of: request) {
                drained += part.readableBytes
                if drained > Self.maximumDrainedBytes { return false }
            }
            return true
        } catch is HTTPError {
            return false
        }
    }

    /// How much of a body that nobody wanted is read, so that the connection can serve on.
    private static let maximumDrainedBytes = 64 * 1024

    private func write(_ plan: ResponsePlan, request: Int) async throws {
        switch plan.body {
        case .none:
            try await write([.head(plan.head), .end(nil)])
        case .bytes(let bytes) where bytes.readableBytes <= Self.sliceSize:
            try await write([.head(plan.head), .body(.byteBuffer(bytes)), .end(nil)])
        case .bytes(var bytes):
            try await write([.head(plan.head)])
            while let slice = bytes.readSlice(length: min(Self.sliceSize, bytes.readableBytes)), slice.readableBytes > 0
            {
                try await waitUntilWritable()
                try await write([.body(.byteBuffer(slice))])
            }
            try await write([.end(nil)])
        case .stream(let length, let write):
            try await self.write([.head(plan.head)])
            let writer = ConnectionWriter(self, length: length)
            do {
                try await write(writer)
                try writer.finish()
            } catch {
                if (error as? ConnectionError)?.isClients != true {
                    configuration.logger.error("a response's body failed", metadata: ["error": "\(error)"])
                }
                throw error
            }
            try await self.write([.end(nil)])
        }
        try await waitUntilWritable()
    }

    /// How much of a long body is written before the connection is asked whether it takes more. A client has to read so
    /// much within ``HTTPServer/Configuration/writeTimeout``.
    static let sliceSize = 64 * 1024
}
