import ConfigurationKeys
import FoundationEssentials
import HiredisClient
import HiredisClientConfiguration
import Modeler
import ModelerSQLite
import ModelerSQLiteConfiguration
import Sess
import SessConfiguration
import Testing

@Suite("The article on configuration keys")
struct KeysArticleTests {
    private static let tables = [
        "redis": RedisConfiguration.configurationKeys, "session": SessionOptions.configurationKeys,
        "sqlite": SQLiteFile.configurationKeys, "memory": MemoryCollection.Limits.configurationKeys,
    ]

    /// Writes the article anew where `SESS_WRITE_ARTICLE` is set.
    @Test("Its tables are those of the code")
    func article() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Sources/Sess/Sess.docc/ConfigurationKeys.md")
        let article = try String(contentsOf: file, encoding: .utf8)
        let updated = KeysArticle.updated(article, tables: Self.tables)
        if ProcessInfo.processInfo.environment["SESS_WRITE_ARTICLE"] == "1" {
            try updated.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(article == updated, "SESS_WRITE_ARTICLE=1 swift test --filter KeysArticleTests writes it anew")
        }
        for key in Self.tables.values.joined() { #expect(updated.contains("| `\(key.name)` |")) }
    }
}
