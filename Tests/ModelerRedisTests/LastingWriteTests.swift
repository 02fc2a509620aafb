import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

/// The scripts that a new master runs.
@Suite struct LastingWriteTests {
    @Test("D6 A record that lacks a write is removed: by its revision, or by a field that is as it was")
    func records() async throws {
        try await withCollection { models, server in
            let id = ModelID(1)
            let created = try #require(
                await models.insert(
                    NewModel(id: id, fields: [(name: "@a", value: EncodedJSON(text: "1"))]), expiry: .never
                ).commit?.created.milliseconds)
            _ = try await models.commit(Change([.init("@a", .set(EncodedJSON(text: "2")))]), to: id)
            func isLeft(by arguments: String...) async throws -> Bool {
                models.client.insist(
                    on: .script(RecordScripts.removeWithout, key: "test:models:1", arguments: arguments, order: 1))
                try await waitUntil { !models.client.hasPendingWrites }
                return try await server.command("EXISTS", "test:models:1").integer == 1
            }
            #expect(try await isLeft(by: "2", "\(created)", "@@a"))
            #expect(try await isLeft(by: "1", "\(created)", "@@a", "absent"))
            // Another record of the same id.
            #expect(try await isLeft(by: "3", "\(created + 1)", "@@a"))
            _ = try await models.commit(Change([.init("b", .set(EncodedJSON(text: "1")))]), to: id)
            // It has a later revision, of another history in which the field is as it was.
            let copy = try await server.command("COPY", "test:models:1", "copy").integer
            #expect(copy == 1)
            #expect(try await !isLeft(by: "3", "\(created)", "@@a"))
            try await server.command("COPY", "copy", "test:models:1")
            #expect(try await isLeft(by: "3", "\(created)", "b"))
            #expect(try await !isLeft(by: "4", "\(created)", "b"))
            #expect(try await !isLeft(by: "4", "\(created)", "b"))
        }
    }

    @Test("D6 An epoch only moves on, and is kept as long as any other")
    func epochs() async throws {
        try await withCollection { models, server in
            let owner = try OwnerID("alice")
            let known = try await models.advanceEpoch(of: owner)
            let life = try #require(await server.command("PTTL", models.keys.owner(owner)).integer)
            func epoch(after wanted: OwnerEpoch) async throws -> OwnerEpoch {
                models.client.insist(
                    on: .script(
                        OwnershipScripts.restoreEpoch, key: models.keys.owner(owner), arguments: ["\(wanted)"],
                        order: 1))
                try await waitUntil { !models.client.hasPendingWrites }
                return try await models.ownership(of: owner).epoch
            }
            #expect(try await epoch(after: known.epoch - 1) == known.epoch)
            try await server.command("DEL", models.keys.owner(owner))
            #expect(try await epoch(after: known.epoch) == known.epoch)
            let after = try #require(await server.command("PTTL", models.keys.owner(owner)).integer)
            #expect(abs(after - life) < 60_000)
            #expect(try await epoch(after: known.epoch + 5) == known.epoch + 5)
        }
    }
}
