import Configuration

/// Reads texts of a configuration, so that a value which can't be used is never taken for one that isn't there.
///
/// The getters of a `ConfigReader` with a default, and those that return an optional, answer for a malformed value as
/// for a missing one. Here a value is asked for as a text, and a source that holds it in another form is noticed.
struct StrictReader {
    let config: ConfigReader

    /// The text of a key; `nil` where no source has it.
    func text(of key: ConfigurationKey) throws(ConfigurationError) -> String? {
        guard let text = try rawText(of: key) else { return nil }
        guard !text.isEmpty else {
            throw ConfigurationError(key: key.name, "the value is empty; right is \(key.form), or no value at all")
        }
        guard !isBlank(text.unicodeScalars.first), !isBlank(text.unicodeScalars.last) else {
            throw ConfigurationError(
                key: key.name, "the value begins or ends with a blank or a line's end; right is \(key.form)")
        }
        return text
    }

    private func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace == true }

    private func rawText(of key: ConfigurationKey) throws(ConfigurationError) -> String? {
        let (name, isSecret) = (ConfigKey(key.name), key.isSecret)
        if let text = config.string(forKey: name, isSecret: isSecret) { return text }
        // Sources of typed values, such as JSON files, give none of them as a text.
        if let list = config.stringArray(forKey: name, isSecret: isSecret) {
            guard list.allSatisfy({ !$0.contains(",") }) else {
                throw ConfigurationError(key: key.name, "an element of the list has a comma; right is \(key.form)")
            }
            return list.joined(separator: ",")
        }
        if let number = config.int(forKey: name, isSecret: isSecret) { return "\(number)" }
        if let flag = config.bool(forKey: name, isSecret: isSecret) { return "\(flag)" }
        let isThere =
            config.double(forKey: name, isSecret: isSecret) != nil
            || config.bytes(forKey: name, isSecret: isSecret) != nil
            || config.intArray(forKey: name, isSecret: isSecret) != nil
            || config.doubleArray(forKey: name, isSecret: isSecret) != nil
            || config.boolArray(forKey: name, isSecret: isSecret) != nil
            || config.byteChunkArray(forKey: name, isSecret: isSecret) != nil
        guard !isThere else {
            throw ConfigurationError(key: key.name, "the value is of another type; right is \(key.form)")
        }
        return nil
    }
}
