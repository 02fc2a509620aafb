import RESP

/// Feeds pieces to a fresh reader, and returns every reply that it reads.
func read(_ pieces: [[UInt8]], limits: RESPLimits = RESPLimits()) throws(RESPError) -> [ValueTree] {
    var reader = try RESPReader(limits: limits)
    var values: [ValueTree] = []
    for piece in pieces {
        var rest = piece[...]
        while !rest.isEmpty {
            let step = Array(rest.prefix(RESPReader.maximumStep))
            rest = rest.dropFirst(step.count)
            var fault: RESPError?
            step.withUnsafeBytes { bytes in
                do throws(RESPError) { try reader.feed(bytes) } catch { fault = error }
            }
            if let fault { throw fault }
            while try reader.next() { values.append(ValueTree(reader.take().reply)) }
        }
    }
    return values
}

/// Why the reader refuses these bytes, fed at once.
func refusal(_ text: String, limits: RESPLimits = RESPLimits()) -> RESPError.Code? {
    refusal(Array(text.utf8), limits: limits)
}

func refusal(_ bytes: [UInt8], limits: RESPLimits = RESPLimits()) -> RESPError.Code? {
    do throws(RESPError) {
        _ = try read([bytes], limits: limits)
        return nil
    } catch {
        return error.code
    }
}
