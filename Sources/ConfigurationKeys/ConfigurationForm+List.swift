extension ConfigurationForm {
    /// A list of values, separated by commas. Where the source has lists of its own, each element is a value.
    package func list(_ text: String) -> ConfigurationForm<[Value]> {
        ConfigurationForm<[Value]>(text) { [parse] text in
            var values: [Value] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let value = parse(String(part)) else { return nil }
                values.append(value)
            }
            return values
        } render: { [render] values in
            values.isEmpty ? nil : values.compactMap { render($0) }.joined(separator: ",")
        }
    }
}
