import Modeler
import RESP

/// What a write expects, as the scripts take it: a revision or an empty text, the number of fields, their stored names,
/// and the revisions they should have.
struct ExpectationArguments {
    private let expecting: Change.Expectation

    /// More expected fields than these don't fit on a script's stack.
    private static let maximumFields = 2000

    init(_ expecting: Change.Expectation) throws(ModelError) {
        self.expecting = expecting
        guard fields.count <= Self.maximumFields else {
            throw ModelError(.invalidChange, "a write expects at most \(Self.maximumFields) fields")
        }
    }

    /// The number of arguments.
    var count: Int { 2 + 2 * fields.count }

    private var fields: [Change.FieldRevision] {
        if case .fields(let fields) = expecting { fields } else { [] }
    }

    func write(_ encoder: inout RESPEncoder) {
        if case .revision(let revision) = expecting {
            encoder.argument(revision)
        } else {
            encoder.argument("")
        }
        let fields = fields
        encoder.argument(fields.count)
        for field in fields { encoder.argument(RecordLayout.storedName(field.name)) }
        for field in fields { encoder.argument(field.revision) }
    }
}
