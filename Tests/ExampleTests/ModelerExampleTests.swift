import RedisTestServer
import SessTestSupport
import Testing

@Suite("The examples of modeler")
struct ModelerExampleTests {
    @Test("crud creates, loads, saves and destroys")
    func crud() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await ExampleProgram.run("modeler-crud", in: directory)
            let expected = [
                "created 1 at revision 1",
                "saved Ada at revision 2",
                "conflict with revision 3",
                "Notes engines draft hidden: true",
                "[Optional(\"Ada\"), nil]",
                "destroyed: true and again: false",
            ]
            #expect(lines == expected)
        }
    }

    @Test("list shows the first, the last, a slice and all in chunks")
    func list() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory + "/visits.sqlite"
            let lines = try await ExampleProgram.run("modeler-list", [file], in: directory)
            let expected = [
                "the first three:  [1, 2, 3]",
                "the last three:   [100, 99, 98]",
                "from the tenth:   [10, 11, 12, 13, 14]",
                "as values:        [10, 11, 12, 13, 14]",
                "as models:        [100, 99]",
                "a chunk of 30 from 100",
                "a chunk of 30 from 70",
                "a chunk of 30 from 40",
                "a chunk of 10 from 10",
                "look at it: sqlite3 \(file) 'SELECT * FROM models LIMIT 3'",
            ]
            #expect(lines == expected)
        }
    }

    @Test("hooks gives defaults, refuses, transforms, and tells of each step")
    func hooks() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await ExampleProgram.run("modeler-hooks", in: directory)
            let expected = [
                "afterSave: Ada revision 1",
                "in memory: Ada guest",
                "save: Ada is no longer guest",
                "afterSave: Ada revision 2",
                "refused: a user without a name",
                "destroy: ada",
                "afterDestroy: ada",
            ]
            #expect(lines == expected)
        }
    }

    @Test("tail shows the last lines that any program wrote")
    func tail() async throws {
        try await withTemporaryDirectory { directory in
            try await withRedisServer { server in
                let environment = ["REDIS_URL": server.url]
                var lines: [String] = []
                for number in 0..<12 {
                    lines = try await ExampleProgram.run(
                        "modeler-tail", ["line", "\(number)"], environment: environment, in: directory)
                }
                #expect(lines.map { $0.split(separator: " ").suffix(2) } == (2..<12).map { ["line", "\($0)"] })
                #expect(
                    try await ExampleProgram.run("modeler-tail", environment: environment, in: directory) == lines)
            }
        }
    }
}
