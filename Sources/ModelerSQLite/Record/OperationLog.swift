import Modeler

/// The ids of a model's last writes, as its row holds them: 6 characters each, the newest last.
struct OperationLog: Sendable, Equatable {
    private(set) var text: String

    /// The writes whose repetition is recognized.
    static let length = 32

    init(_ text: String = "") {
        self.text = text
    }

    /// The revision that an operation wrote, where the newest operation wrote this one.
    func revision(writtenBy operation: OperationID, newest: Revision) -> Revision? {
        let mark = Array(Self.text(operation).utf8)
        var bytes = Array(text.utf8)[...]
        var revision = newest
        while bytes.count >= Self.width {
            if bytes.suffix(Self.width).elementsEqual(mark) { return revision }
            bytes = bytes.dropLast(Self.width)
            revision -= 1
        }
        return nil
    }

    /// Takes note of one more write.
    mutating func append(_ operation: OperationID) {
        text = String((text + Self.text(operation)).suffix(Self.length * Self.width))
    }

    private static let width = 6
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func text(_ operation: OperationID) -> String {
        let digits = (0..<width).map { alphabet[Int(operation.rawValue >> (6 * $0)) & 63] }
        return String(decoding: digits, as: UTF8.self)
    }
}
