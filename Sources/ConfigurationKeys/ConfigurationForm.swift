/// The form of a key's values: how a text is read as a value, and a value written as a text.
package struct ConfigurationForm<Value>: Sendable {
    /// The form in words, for errors and for the table of keys.
    package let text: String
    /// Reads a value; `nil` for a text that doesn't have the form.
    package let parse: @Sendable (String) -> Value?
    /// Writes a value as ``parse`` reads it; `nil` for a value that stands for "none given".
    package let render: @Sendable (Value) -> String?

    package init(
        _ text: String, parse: @escaping @Sendable (String) -> Value?, render: @escaping @Sendable (Value) -> String?
    ) {
        self.text = text
        self.parse = parse
        self.render = render
    }

    /// The form of a value that may be left out.
    package var optional: ConfigurationForm<Value?> {
        ConfigurationForm<Value?>(text, parse: { [parse] in parse($0).map(Optional.some) }) { [render] value in
            value.flatMap { render($0) }
        }
    }

    /// The form of a value that may be switched off, by the word `none`.
    package var orNone: ConfigurationForm<Value?> {
        ConfigurationForm<Value?>("\(text), or none") { [parse] text in
            text == "none" ? .some(nil) : parse(text).map(Optional.some)
        } render: { [render] value in
            value.flatMap { render($0) } ?? "none"
        }
    }
}

extension ConfigurationForm where Value == String {
    /// Any text.
    package static func text(_ form: String = "a text") -> Self {
        ConfigurationForm(form, parse: { $0 }, render: { $0 })
    }

    /// A path of a file.
    package static var path: Self { text("a file's path") }
}

extension ConfigurationForm where Value == Bool {
    /// `true` or `false`, and nothing else.
    package static var flag: Self {
        ConfigurationForm("true or false", parse: { ["true": true, "false": false][$0] }, render: { "\($0)" })
    }
}

extension ConfigurationForm where Value == Int {
    /// A whole number in decimal digits.
    package static func number(_ range: ClosedRange<Int>) -> Self {
        let bounds =
            range.upperBound == .max
            ? "of \(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
        return ConfigurationForm("a whole number \(bounds)") { text in
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
            else { return nil }
            return number
        } render: {
            "\($0)"
        }
    }
}

extension ConfigurationForm where Value: Sendable & Equatable {
    /// One of some words.
    package static func choice(_ choices: KeyValuePairs<String, Value>) -> Self {
        let pairs = choices.map { ($0.key, $0.value) }
        let words = pairs.map(\.0)
        let text =
            words.count == 1 ? words[0] : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
        return ConfigurationForm(text) { word in
            pairs.first { $0.0 == word }?.1
        } render: { value in
            pairs.first { $0.1 == value }?.0
        }
    }
}
