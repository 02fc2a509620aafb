import FoundationEssentials
import GRDB
import Modeler

extension Row {
    /// A column's integer, or `nil` for none.
    func integer(_ column: Int) throws(ModelError) -> Int64? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .null: return nil
        case .int64(let number): return number
        default: throw .damagedRow
        }
    }

    /// A column's bytes, which may hold any, NUL included.
    func bytes(_ column: Int) throws(ModelError) -> [UInt8]? {
        do {
            return try withUnsafeData(atIndex: column) { data in data.map { Array($0) } }
        } catch {
            throw .damagedRow
        }
    }

    /// The id of a model in a column.
    func modelID(_ column: Int) throws(ModelError) -> ModelID {
        guard let text = try bytes(column), let id = try? ModelID(String(decoding: text, as: UTF8.self)) else {
            throw .damagedRow
        }
        return id
    }

    /// The field whose name, revision and JSON stand in these columns and the two after, or `nil` for none.
    func field(_ column: Int) throws(ModelError) -> Field? {
        guard let name = try bytes(column) else { return nil }
        guard let revision = try integer(column + 1), (1...RecordHead.largestNumber).contains(revision),
            let value = try bytes(column + 2)
        else { throw .damagedRow }
        return Field(
            name: String(decoding: name, as: UTF8.self),
            value: EncodedJSON(unchecked: value[...]),
            revision: Int(revision)
        )
    }
}

extension ModelError {
    /// A row that holds what its table doesn't allow.
    static var damagedRow: ModelError { ModelError(.damaged, "the file is damaged: a row is no model's") }
}

extension StringProtocol {
    /// The text's bytes as an argument for `CAST(? AS TEXT)`: bound as text it would end at a NUL.
    var sqliteBytes: Data { Data(utf8) }
}
