import Foundation
import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// Commands that destroy.
@Suite("sessctl: ending")
struct EndingTests {
    @Test("Without --yes nothing ends, and what would end is shown", arguments: SeededStore.Kind.allCases)
    func dryRun(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            let runs: [(name: String, result: Tool.Result)] = [
                ("end-ids", try await store.run("end", "s-1", "s-4", "s-9")),
                ("end-user", try await store.run("end", "--user", "alice")),
                ("end-user-except", try await store.run("end", "--user", "alice", "--except", "s-1")),
                ("end-all", try await store.run("end", "--all")),
            ]
            for (name, result) in runs {
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.errors == "Nothing was changed; --yes does it.\n")
                try Golden.expect(result.output, "\(name).dry")
            }
            #expect(try await store.ids().count == 4)
        }
    }

    @Test(
        "Sessions end by id, by user and all at once, each with a line for the audit",
        arguments: SeededStore.Kind.allCases)
    func ends(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            let byID = try await store.run("end", "s-4", "s-9", "--yes", "--as", "ann")
            #expect(byID.status == 0, "\(byID.errors)")
            #expect(byID.output == "ended        1\nnotFound     1\nisConfirmed  yes\n")
            #expect(byID.errors.hasPrefix(#"{"audit":"end","as":"ann","at":"#))
            #expect(byID.errors.contains(#""ids":["s-4","s-9"],"ended":1,"notFound":1,"isConfirmed":true}"#))
            #expect(try await store.ids() == ["s-1", "s-2", "s-3"])

            let others = try await store.run("end", "--user", "alice", "--except", "s-2", "--yes")
            #expect(others.status == 0, "\(others.errors)")
            #expect(try await store.ids() == ["s-2", "s-3"])
            #expect(try await store.manager.sessions(of: "alice").map(\.id.rawValue) == ["s-2"])

            let user = try await store.run("end", "--user", "alice", "--yes", "--format", "json")
            #expect(user.output == #"{"ended":1,"notFound":0,"isConfirmed":true}"# + "\n")
            #expect(user.errors.contains(#""as":"op""#))
            #expect(try await store.ids() == ["s-3"])

            let unsure = try await store.run("end", "--all", "--yes")
            #expect(unsure.status == 64)
            #expect(try await store.ids() == ["s-3"])
            let all = try await store.run("end", "--all", "--yes", "--i-mean", "sessions")
            #expect(all.status == 0, "\(all.errors)")
            #expect(all.errors.contains(#""all":"sessions","except":null,"ended":1"#))
            #expect(try await store.ids() == [])
        }
    }

    @Test("A session that is watched ends with a line, whoever ends it", arguments: SeededStore.Kind.allCases)
    func watched(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            async let watching = store.run("watch", "s-1", "--format", "jsonl")
            try await Task.sleep(for: .milliseconds(300))
            try await store.manager.revoke(ModelID("s-1"), of: "alice")
            let result = try await watching
            #expect(result.status == 0)
            #expect(result.output.hasPrefix(#"{"ended":"s-1","at":"#))
        }
    }

    @Test("A backup is restored over the file, which is set aside; not while somebody has it open")
    func backup() async throws {
        try await withSeededStore(.sqlite) { store in
            let copy = store.directory + "/copy.sqlite"
            let made = try await store.run("backup", "--to", copy)
            #expect(made.status == 0, "\(made.errors)")
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try await store.run("backup", "--to", copy).status == 2)

            #expect(try await store.manager.revoke(ModelID("s-1"), of: "alice"))
            let dry = try await store.run("restore", "--from", copy)
            #expect(dry.status == 0, "\(dry.errors)")
            let busy = try await store.run("restore", "--from", copy, "--yes")
            #expect(busy.status == 2)
            #expect(busy.errors.contains("open"), "\(busy.errors)")
            #expect(try await store.ids() == ["s-2", "s-3", "s-4"])
        }
    }

    @Test("A copy is restored where nobody has the file open, and a damaged copy is refused")
    func restore() async throws {
        try await withTemporaryDirectory { directory in
            let place = ["--store", "sqlite:\(directory)/live.sqlite"]
            let copy = directory + "/copy.sqlite"
            try await withSeededStore(.sqlite) { store in
                let made = try await store.run("backup", "--to", copy)
                #expect(made.status == 0)
            }
            #expect(try await Tool.run(["restore", "--from", copy, "--yes"] + place).status == 0)
            #expect(try await Tool.run(["end", "--all", "--yes", "--i-mean", "sessions"] + place).status == 0)
            let again = try await Tool.run(["restore", "--from", copy, "--yes"] + place)
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output.contains("live.sqlite.before-"))
            #expect(again.errors.hasPrefix(#"{"audit":"restore""#))
            let list = try await Tool.run(["list", "--user", "alice", "--format", "jsonl"] + place)
            #expect(list.output.split(separator: "\n").count == 2)

            try Data(repeating: 7, count: 100_000).write(to: URL(fileURLWithPath: copy))
            #expect(try await Tool.run(["restore", "--from", copy, "--yes"] + place).status == 2)
            #expect(try await Tool.run(["doctor"] + place).status == 0)
        }
    }

    @Test("A bench measures reads and writes, and leaves nothing behind", arguments: SeededStore.Kind.allCases)
    func bench(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            let result = try await store.run("bench", "--seconds", "1", "--concurrency", "2", "--format", "jsonl")
            #expect(result.status == 0, "\(result.errors)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.map { $0.hasPrefix(#"{"operation":"read","perSecond":"#) } == [true, false])
            #expect(try await store.ids().count == 4)
            if let server = store.server { #expect(try await server.command("KEYS", "*bench*") == .array([])) }
        }
    }
}
