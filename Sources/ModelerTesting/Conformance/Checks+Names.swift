import Modeler

extension CollectionConformance {
    /// Names that a store's own separators, meta fields or protocol could trip over.
    static let oddNames = [
        "", " ", "a b", "a\r\nSET x 1\r\n", "\n", "\0", "a\0b", "%", "%s%n", "%00", "@", "@rev", "@meta", "__", "__old",
        "_", ":", "a:b", "{a}", "1", "-1", "rev", "id", "created", "updated", "$", "*", "\"", "\\", "'", "é",
        "e\u{301}",
        "世界", "🎉", "\u{FEFF}", "\u{200B}", "\u{7F}", "a", "A", String(repeating: "n", count: 1000),
    ]

    static let nameChecks = [
        ConformanceCheck("F4 odd field names are stored as they are, and told apart by their bytes") { store in
            let models = try await store.make()
            let fields = oddNames.enumerated().map { (name: $1, value: json("\($0)")) }
            guard case .inserted = try await models.insert(NewModel(id: id("m"), fields: fields), expiry: .never)
            else { throw Violation("insert of a new id answered 'exists'") }
            func requireFields(_ offset: Int, _ revision: Revision) async throws {
                let model = try await models.requireModel(id("m"))
                try requireEqual(model.fields.count, oddNames.count, "the number of fields")
                for (index, name) in oddNames.enumerated() {
                    guard let field = model.fields[name] else { throw Violation("field \(index) is missing") }
                    try requireEqual(Array(field.name.utf8), Array(name.utf8), "the bytes of name \(index)")
                    try requireEqual(field.value, json("\(index + offset)"), "the value of field \(index)")
                    try requireEqual(field.revision, revision, "the revision of field \(index)")
                }
            }
            try await requireFields(0, 1)
            let sets = oddNames.enumerated().map { FieldChange($1, .set(json("\($0 + 1)"))) }
            try await models.requireCommitted(Change(sets), to: id("m"))
            try await requireFields(1, 2)
            let increments = oddNames.map { FieldChange($0, .increment(by: 1)) }
            let commit = try await models.requireCommitted(Change(increments), to: id("m"))
            try requireEqual(
                commit.values.map { Array($0.name.utf8) },
                oddNames.map { Array($0.utf8) },
                "the names of values made"
            )
            try await requireFields(2, 3)
            let expected = oddNames.map { Change.FieldRevision(name: $0, revision: 3) }
            let removals = oddNames.map { FieldChange($0, .remove) }
            try await models.requireCommitted(Change(removals, expecting: .fields(expected)), to: id("m"))
            try requireEqual(try await models.requireModel(id("m")).fields.count, 0, "the fields left")
            let absent = oddNames.map { Change.FieldRevision(name: $0, revision: 0) }
            try await models.requireCommitted(.setting(["x": "1"], expecting: .fields(absent)), to: id("m"))
        },
        ConformanceCheck("F4 odd values keep their bytes") { store in
            let models = try await store.make()
            let values = [
                #""\r\nSET x 1\r\n""#, #""\u0000""#, #""%s%n%00""#, #""é世界🎉""#, "1.0", "-0", "1E5", "1e400", "0.1",
                "18446744073709551615", "[ 1 ]", #"{"b":1,"a":{}}"#, "[]", "{}", "null", #""""#,
                "{\"\u{7F}\":\"\u{200B}\"}",
            ]
            let fields = values.enumerated().map { (name: "f\($0)", value: json($1)) }
            _ = try await models.insert(NewModel(id: id("m"), fields: fields), expiry: .never)
            let sets = values.enumerated().map { FieldChange("g\($0)", .set(json($1))) }
            try await models.requireCommitted(Change(sets), to: id("m"))
            let model = try await models.requireModel(id("m"))
            for (index, value) in values.enumerated() {
                try requireEqual(model.text("f\(index)"), value, "a value that was inserted")
                try requireEqual(model.text("g\(index)"), value, "a value that was set")
            }
        },
        ConformanceCheck("F4 a large value comes back whole") { store in
            let models = try await store.make()
            let text = #"""# + String(repeating: "é\\n", count: max(store.largestValue - 64, 64) / 4) + #"""#
            try await models.requireInserted(id("m"), ["large": "1"], expiry: .never)
            try await models.requireCommitted(.setting(["large": text]), to: id("m"))
            try require(try await models.requireModel(id("m")).text("large") == text, "a large value has changed")
        },
        ConformanceCheck("F4 ids of every allowed character and length keep apart") { store in
            let models = try await store.make()
            let names = ["a", "A", "_", "-", ".", "..", "__idx", "0", "00", "-1", String(repeating: "z", count: 128)]
            for (index, name) in names.enumerated() {
                try await models.requireInserted(try ModelID(name), ["n": "\(index)"])
            }
            let found = try await models.fetch(names.map(id))
            try requireEqual(found.map { $0?.text("n") }, names.indices.map { "\($0)" }, "what came back")
        },
    ]
}
