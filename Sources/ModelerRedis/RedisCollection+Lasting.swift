import HiredisClient
import Modeler
import RESP

/// What is done so that the end of somebody's access lasts, whichever server is the master.
extension RedisCollection {
    /// Keeps a change in mind that ends or hands over somebody's access, such as a rotation: on a new master whose
    /// record lacks it, the record is removed. What the change has replaced, a token for example, would be good again
    /// there.
    func keep(_ change: Change, _ commit: Commit, of id: ModelID, answeredBy replies: RESPReplies) async {
        guard change.needsConfirmation, !change.operations.isEmpty, client.keepsWrites else { return }
        let names = change.operations.map { RecordLayout.storedName($0.name) }
        await client.keep(
            .script(
                RecordScripts.removeWithout, key: keys.record(id),
                arguments: ["\(commit.revision)", "\(commit.created.milliseconds)"] + names, order: commit.revision),
            answeredBy: replies)
    }

    /// Keeps the epoch in mind that an owner has got: a new master that has an earlier one gets it too.
    func keep(_ answer: OwnershipAnswer, of owner: OwnerID) async {
        guard client.keepsWrites else { return }
        await client.keep(
            .script(
                OwnershipScripts.restoreEpoch, key: keys.owner(owner), arguments: ["\(answer.epoch)"],
                order: answer.epoch),
            answeredBy: answer.replies)
    }

    /// Has a model removed as soon as its master takes writes again, where it refuses the removal for want of replicas.
    /// Until then nobody finds the model by this client.
    ///
    /// - Returns: Whether it is so. Where there is no model, nothing is to be done.
    func endLater(_ id: ModelID, after error: ModelError) async -> Bool {
        guard let refusal = error.underlying as? RedisError, refusal.code == .server(.noReplicas) else { return false }
        let key = keys.record(id)
        guard let found = try? await client.send(.command("EXISTS", key: key), retry: .always).reply.integer,
            found == 1
        else { return false }
        client.insist(
            on: .script(
                RecordScripts.remove, key: key,
                arguments: [String(decoding: OperationID().text, as: UTF8.self), "", "0"], order: .max))
        return true
    }

    /// Whether a model is to be removed as soon as its master takes writes.
    func isEnding(_ id: ModelID) -> Bool { client.hasPendingWrites && client.isWritePending(on: keys.record(id)) }
}
