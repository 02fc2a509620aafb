package import Configuration

/// The keys of one configuration, each with the property that it sets. All that is read, and all that is documented,
/// comes from here.
package struct KeyTable<Root>: Sendable {
    /// A key, and how its value is put into the configuration.
    package struct Row: Sendable {
        package let key: ConfigurationKey
        let set: @Sendable (_ text: String, inout Root) -> Bool
    }

    package let rows: [Row]

    package init(_ rows: [Row]) {
        self.rows = rows
    }

    /// The keys in the order of the table.
    package var keys: [ConfigurationKey] { rows.map(\.key) }

    /// Sets what the configuration has; leaves the rest as it is.
    ///
    /// - Returns: The names of the keys that had a value.
    package func read(_ config: ConfigReader, into root: inout Root) throws(ConfigurationError) -> Set<String> {
        let reader = StrictReader(config: config)
        var given: Set<String> = []
        for row in rows {
            guard let text = try reader.text(of: row.key) else { continue }
            guard row.set(text, &root) else {
                throw ConfigurationError(key: row.key.name, "the value is not of the right form: \(row.key.form)")
            }
            given.insert(row.key.name)
        }
        return given
    }
}

extension KeyTable.Row {
    /// A key that sets a property.
    ///
    /// - Parameters:
    ///   - name: The key's name.
    ///   - property: What it sets.
    ///   - form: The form of its values.
    ///   - defaults: Where the default is read from, for the documentation.
    ///   - isSecret: Whether values are secrets.
    ///   - summary: What the value decides.
    package init<Value>(
        _ name: String, _ property: any WritableKeyPath<Root, Value> & Sendable, _ form: ConfigurationForm<Value>,
        defaults: Root, isSecret: Bool = false, _ summary: String
    ) {
        key = ConfigurationKey(
            name: name, form: form.text, defaultText: form.render(defaults[keyPath: property]), isSecret: isSecret,
            summary: summary)
        set = { text, root in
            guard let value = form.parse(text) else { return false }
            root[keyPath: property] = value
            return true
        }
    }
}
