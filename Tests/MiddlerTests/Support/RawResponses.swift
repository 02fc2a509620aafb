/// Responses as they stand in a stream of bytes.
struct RawResponse: Equatable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: String

    static func == (left: RawResponse, right: RawResponse) -> Bool {
        left.status == right.status && left.body == right.body
    }

    subscript(name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

    /// Reads all responses; what is no whole response ends the list with a status of -1.
    ///
    /// - Parameter methods: The requests' methods, as far as they matter: no body follows on HEAD.
    static func parse(_ bytes: [UInt8], methods: [String] = []) -> [RawResponse] {
        var rest = bytes[...]
        var responses: [RawResponse] = []
        while !rest.isEmpty {
            let isHead = responses.count < methods.count && methods[responses.count] == "HEAD"
            let whole = rest
            guard let response = take(&rest, isHead: isHead) else {
                responses.append(RawResponse(status: -1, headers: [], body: String(decoding: whole, as: UTF8.self)))
                break
            }
            responses.append(response)
        }
        return responses
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, isHead: Bool) -> RawResponse? {
        var lines: [String] = []
        while let line = takeLine(&rest), !line.isEmpty { lines.append(line) }
        guard let first = lines.first?.split(separator: " "), first.count >= 2, first[0] == "HTTP/1.1",
            let status = Int(first[1])
        else { return nil }
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: parts[0].lowercased(), value: String(parts.last ?? "").trimmed)
        }
        var response = RawResponse(status: status, headers: headers, body: "")
        if isHead || (100..<200).contains(status) || status == 204 || status == 304 { return response }
        if let length = response["content-length"].flatMap(Int.init) {
            guard rest.count >= length else { return nil }
            response.body = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
        } else if response["transfer-encoding"] == "chunked" {
            while true {
                guard let size = takeLine(&rest).flatMap({ Int($0, radix: 16) }), rest.count >= size + 2 else {
                    return nil
                }
                response.body += String(decoding: rest.prefix(size), as: UTF8.self)
                rest = rest.dropFirst(size)
                guard takeLine(&rest) == "" else { return nil }
                if size == 0 { break }
            }
        } else {
            response.body = String(decoding: rest, as: UTF8.self)
            rest = []
        }
        return response
    }

    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.firstIndex(of: 10), end > rest.startIndex, rest[end - 1] == 13 else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[..<(end - 1)], as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
