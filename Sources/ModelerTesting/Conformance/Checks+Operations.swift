import Modeler

extension CollectionConformance {
    static let operationChecks = [
        ConformanceCheck("increment adds to what is there and answers the sum") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "40"])
            let commit = try await models.requireCommitted(
                Change([.init("n", .increment(by: 2)), .init("new", .increment(by: -3)), .init("s", .set(json("1")))]),
                to: id("m")
            )
            try requireEqual(commit.values.map(\.name), ["n", "new"], "the names of the values made")
            try requireEqual(try commit.values.map { try $0.value.decode(Int.self) }, [42, -3], "the values made")
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.text("n"), "42", "the counter")
            try requireEqual(model.text("new"), "-3", "the new counter")
            try requireEqual(model.fields.revision(of: "n"), 2, "the counter's revision")
        },
        ConformanceCheck("increment is exact up to ±(2⁵³ − 1) and refused beyond") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "9007199254740990", "low": "-9007199254740991"])
            try await models.requireCommitted(Change([.init("n", .increment(by: 1))]), to: id("m"))
            try requireEqual(try await models.requireModel(id("m")).text("n"), "9007199254740991", "the counter")
            for change in [
                Change([.init("n", .increment(by: 1))]), Change([.init("low", .increment(by: -1))]),
                Change([.init("n", .increment(by: .max))]), Change([.init("zero", .increment(by: .min))]),
                Change([.init("a", .set(json("1"))), .init("n", .increment(by: 1))]),
            ] {
                try await models.requireRefused(.invalidChange, "an increment beyond the range") {
                    _ = try await models.commit(change, to: id("m"))
                }
            }
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.revision, 2, "the revision after refused changes")
            try requireEqual(model.fields.count, 2, "the number of fields after refused changes")
        },
        ConformanceCheck("increment of what is no integer is refused, and nothing of the change applies") { store in
            let models = try await store.make()
            let others = ["1.5", "3.0", "1e3", #""1""#, "null", "true", "[1]", "{}", "9007199254740992"]
            for (index, text) in others.enumerated() {
                let model = id("m\(index)")
                try await models.requireInserted(model, ["n": text])
                try await models.requireRefused(.invalidChange, "an increment of \(text)") {
                    _ = try await models.commit(
                        Change([.init("b", .set(json("1"))), .init("n", .increment(by: 1))]),
                        to: model
                    )
                }
                let after = try await models.requireModel(model)
                try requireEqual(after.text("n"), text, "the value after a refused increment")
                try requireEqual(after.fields.count, 1, "the number of fields after a refused change")
            }
        },
        ConformanceCheck("append adds at the end, keeps the last ones, and leaves elements as they were") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["list": #"[ 1.0, {"a":[2,"],"]} ,"é"]"#, "empty": "[]"])
            func append(_ name: String, _ text: String, _ maximum: Int) async throws -> JSONValue {
                let change = Change([.init(name, .append(json(text), maximum: maximum))])
                let commit = try await models.requireCommitted(change, to: id("m"))
                let model = try await models.requireModel(id("m"))
                try requireEqual(commit.values.map(\.value), [model.fields[name]?.value], "the value made")
                return model[name]
            }
            try requireEqual(
                try await append("list", "true", 10),
                [1.0, ["a": [2, "],"]], "é", true],
                "the list"
            )
            try requireEqual(try await append("list", "null", 3), ["é", true, nil], "the list with a maximum")
            try requireEqual(try await append("list", "[]", 1), [[]], "the list with a maximum of 1")
            try requireEqual(try await append("empty", "1", 5), [1], "the list that was empty")
            try requireEqual(try await append("new", #"{"a":1}"#, 5), [["a": 1]], "the list that wasn't there")
        },
        ConformanceCheck("append to what is no array is refused, and so is a maximum below 1") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["s": #""[1]""#, "o": "{}", "n": "1", "null": "null", "l": "[]"])
            for (name, maximum) in [("s", 5), ("o", 5), ("n", 5), ("null", 5), ("l", 0), ("l", -1), ("new", 0)] {
                try await models.requireRefused(.invalidChange, "an append to \(name)") {
                    _ = try await models.commit(
                        Change([.init(name, .append(json("1"), maximum: maximum))]),
                        to: id("m")
                    )
                }
            }
            try requireEqual(try await models.requireModel(id("m")).revision, 1, "the revision")
        },
        ConformanceCheck("setIfAbsent sets once, and a null that is there counts as there") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["there": "1", "null": "null"])
            let commit = try await models.requireCommitted(
                Change([
                    .init("there", .setIfAbsent(json("9"))), .init("null", .setIfAbsent(json("9"))),
                    .init("new", .setIfAbsent(json("2"))),
                ]),
                to: id("m")
            )
            try requireEqual(commit.values.map(\.value), ["1", "null", "2"].map(json), "the values")
            let model = try await models.requireModel(id("m"))
            try requireEqual(["there", "null", "new"].map(model.text), ["1", "null", "2"], "the fields")
            try requireEqual(["there", "null", "new"].map(model.fields.revision), [1, 1, 2], "the revisions")
        },
    ]
}
