import Foundation

/// A parser of foreign bytes that libFuzzer drives; `SESS_FUZZ_TARGET` names the one of a process.
///
/// A finding is a trap, a report of AddressSanitizer, or a ``require(_:_:)`` that doesn't hold.
enum FuzzTarget: String, CaseIterable {
    /// The reply reader: a peer's bytes.
    case reply
    /// The record reader: a reply to HGETALL, as ``LineReply`` has it, and the JSON of its fields.
    case record
    /// The readers of what scripts, the index and a scan answer, as ``LineReply`` has it.
    case script
    /// The parsers of request header fields: `Cookie` fields, one a line, and the tokens in them.
    case cookie

    static let current: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["SESS_FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            fatalError("SESS_FUZZ_TARGET is one of \(allCases.map(\.rawValue))")
        }
        return target
    }()

    func run(_ input: [UInt8]) {
        switch self {
        case .reply: ReplyTarget.run(input)
        case .record: RecordTarget.run(input)
        case .script: ScriptTarget.run(input)
        case .cookie: CookieTarget.run(input)
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func runOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.current.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

/// Ends the process as a finding where something that always holds doesn't.
func require(_ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String) {
    if !condition() { fatalError(message()) }
}
