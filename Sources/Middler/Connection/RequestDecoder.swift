import NIOCore
import NIOHTTP1

/// NIO's decoder, which lets the connection's handler see the bytes that it decodes: what it hands on doesn't tell
/// whether the next request has begun among them.
struct RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let decoder: HTTPRequestDecoder
    private let handler: ConnectionHandler
    /// The most bytes that stay with the decoder. They are a head's or trailers' alone: of a body it keeps none.
    private let maximumRest: Int

    init(_ handler: ConnectionHandler, _ limits: NIOHTTPDecoderLimitConfiguration) {
        self.handler = handler
        maximumRest = limits.maxHeaderListSize
        decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        handler.willDecode(buffer)
        let state = try decoder.decode(context: context, buffer: &buffer)
        // The parser counts no blanks between a head's parts, and NIO keeps them until the part behind them is whole.
        guard buffer.readableBytes <= maximumRest else { throw HTTPParserError.headerOverflow }
        handler.didDecode()
        return state
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }

    func decoderAdded(context: ChannelHandlerContext) { decoder.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { decoder.decoderRemoved(context: context) }
}
