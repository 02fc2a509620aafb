/// The tables of an article about keys, made of the keys themselves.
package enum KeysArticle {
    /// A table in Markdown: a row for each key.
    package static func table(of keys: [ConfigurationKey]) -> String {
        let rows = keys.map { key in
            let value = key.defaultText.map { "`\($0)`" } ?? (key.isSecret ? "none; a secret" : "none")
            return "| `\(key.name)` | `\(key.environmentName)` | \(key.form) | \(value) | \(key.summary) |"
        }
        return (["| key | environment | value | default | decides |", "|---|---|---|---|---|"] + rows)
            .joined(separator: "\n")
    }

    /// An article with the tables between its marks made anew: `<!-- keys: redis -->` and `<!-- end -->`.
    package static func updated(_ article: String, tables: [String: [ConfigurationKey]]) -> String {
        var lines: [Substring] = []
        var isInTable = false
        for line in article.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- end -->" { isInTable = false }
            if !isInTable { lines.append(line) }
            guard line.hasPrefix("<!-- keys: "), line.hasSuffix(" -->"),
                let keys = tables[String(line.dropFirst(11).dropLast(4))]
            else { continue }
            isInTable = true
            lines += ["", Substring(table(of: keys)), ""]
        }
        return lines.joined(separator: "\n")
    }
}
