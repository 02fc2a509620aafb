/// A file that a ``SQLitePersist`` refuses, and leaves as it is.
public enum SQLitePersistError: Error, Equatable, CustomStringConvertible {
    /// The file is another program's database.
    case foreignFile
    /// The file is of a newer version of this library.
    case newerFile(version: Int)

    public var description: String {
        switch self {
        case .foreignFile: "the file is a SQLite database of another program; SQLitePersist needs one of its own"
        case .newerFile(let version): "the file has version \(version); this version of the library knows 1"
        }
    }
}
