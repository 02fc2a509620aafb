/// The 32 bytes of a token's secret, in place.
///
/// Words rather than a SIMD vector: Swift 6.3 aligns the frames of asynchronous functions to 16 bytes, and writes
/// beyond one that holds a vector of 32 across an `await`.
struct SecretBytes: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    mutating func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeMutableBytes(of: &words, body)
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words, body)
    }
}
