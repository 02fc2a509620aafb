import Foundation
import Modeler
import ModelerSQLite

/// A process that writes to a file beside the tests', to be counted against or to be killed.
///
///     SQLiteWriter count PATH TASKS TIMES    increments one counter in many tasks, and ends
///     SQLiteWriter remove PATH 1 ID          removes a model, and ends
///     SQLiteWriter endless PATH TASKS LOG    each task increments its own; acknowledged revisions go to LOG
@main
struct SQLiteWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let tasks = Int(arguments[3]) else { exit(64) }
        var settings = SQLiteSettings()
        settings.timeout = .seconds(120)
        settings.durability = .normal
        let models = try SQLiteCollection(path: arguments[2], name: "written", settings: settings)
        switch arguments[1] {
        case "count":
            guard let times = Int(arguments[4]) else { exit(64) }
            try await increment(models, tasks: tasks) { _ in
                try ModelID("counter")
            } until: { _, count in
                count == times
            }
            await models.file.close()
        case "remove":
            let wasThere = try await models.remove(ModelID(arguments[4]))
            await models.file.close()
            if !wasThere { exit(66) }
        case "endless":
            let log = open(arguments[4], O_CREAT | O_WRONLY | O_APPEND, 0o600)
            guard log >= 0 else { exit(73) }
            try await increment(models, tasks: tasks) { task in
                try ModelID("task-\(task)")
            } until: { task, revision in
                let line = "\(task) \(revision)\n"
                _ = line.withCString { write(log, $0, strlen($0)) }
                return false
            }
        default: exit(64)
        }
    }

    private static func increment(
        _ models: SQLiteCollection,
        tasks: Int,
        _ id: @escaping @Sendable (Int) throws -> ModelID,
        until isDone: @escaping @Sendable (_ task: Int, _ count: Int) -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { @concurrent in
                    let id = try id(task)
                    _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
                    var count = 0
                    while true {
                        let name = try EncodedJSON(encoding: task)
                        let change = Change([.init("n", .increment(by: 1)), .init("task", .set(name))])
                        guard case .committed(let commit) = try await models.commit(change, to: id) else { exit(70) }
                        count += 1
                        if isDone(task, id.rawValue == "counter" ? count : commit.revision) { return }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
