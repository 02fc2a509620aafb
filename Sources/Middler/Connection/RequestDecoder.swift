import NIOCore
import NIOHTTP1

/// NIO's decoder, which lets the connection's handler see the bytes that it decodes: what it hands on doesn't tell whether
/// the next request has begun among them.
struct RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let decoder: HTTPRequestDecoder
    private let handler: ConnectionHandler

    init(_ handler: ConnectionHandler, _ limits: NIOHTTPDecoderLimitConfiguration) {
        self.handler = handler
        decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        handler.willDecode(buffer)
        let state = try decoder.decode(context: context, buffer: &buffer)
        handler.didDecode()
        return state
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }

    func decoderAdded(context: ChannelHandlerContext) { decoder.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { decoder.decoderRemoved(context: context) }
}
