import Modeler

/// One interleaving, run step by step, with what must be true after each step.
struct InterleavingRun {
    let models: any ModelCollection
    let id: ModelID
    private var read: [Model?]
    private var counter = 0
    private var saves = 0
    private var written: [Int: String] = [:]
    private var revision = 1
    private var tokenRevision = 1
    private var isRemoved = false

    init(_ models: any ModelCollection, id: ModelID, clients: Int) async throws {
        self.models = models
        self.id = id
        self.read = Array(repeating: nil, count: clients)
        try await models.requireInserted(id, ["n": "0", "note": "0", "token": "0"])
    }

    mutating func run(_ action: ClientAction, by client: Int) async throws {
        switch action {
        case .read: read[client] = try await models.fetch(id)
        case .add: try await add(client)
        case .save: try await save(client)
        case .write: try await write(client)
        case .rotate: try await rotate(client)
        case .touch:
            var isThere = false
            if case .committed = try await models.commit(Change(), to: id) { isThere = true }
            try requireEqual(isThere, !isRemoved, "whether a renewal finds the model")
        case .remove:
            try requireEqual(try await models.remove(id), !isRemoved, "whether a removal finds the model")
            isRemoved = true
        case .removeRead: try await removeRead(client)
        }
        try await checkState()
    }

    private mutating func add(_ client: Int) async throws {
        guard let model = read[client], let number = model["n"].int else { return }
        let expected = model.fields.revision(of: "n")
        let change = Change([.init("n", .set(json("\(number + 1)")))], expecting: Self.expecting("n", expected))
        let isCurrent = number == counter
        if try await commit(change, applies: isCurrent, "a counter read as \(number) when it is \(counter)") {
            counter += 1
        }
    }

    private mutating func save(_ client: Int) async throws {
        guard let model = read[client] else { return }
        let change = Change([.init("note", .set(json("\(saves + 1)")))], expecting: .revision(model.revision))
        let what = "a model read at \(model.revision) when it is at \(revision)"
        if try await commit(change, applies: model.revision == revision, what) {
            saves += 1
        }
    }

    private mutating func removeRead(_ client: Int) async throws {
        guard let model = read[client] else { return }
        switch try await models.remove(id, expecting: .revision(model.revision)) {
        case .removed:
            try require(!isRemoved, "a removed model was removed again")
            try requireEqual(revision, model.revision, "the revision of a model that was removed as expected")
            isRemoved = true
        case .conflict(let current):
            try require(!isRemoved, "a removed model is in conflict")
            try require(model.revision != revision, "a removal was refused without reason")
            try requireEqual(current.revision, revision, "the revision of the model in conflict")
        case .gone: try require(isRemoved, "a model that nobody removed is gone")
        }
    }

    private mutating func write(_ client: Int) async throws {
        guard let model = read[client] else { return }
        let token = model.fields.revision(of: "token")
        let text = "\(revision + 1)"
        let change = Change([.init("f\(client)", .set(json(text)))], expecting: Self.expecting("token", token))
        if try await commit(change, applies: token == tokenRevision, "a token of \(token) now \(tokenRevision)") {
            written[client] = text
        }
    }

    private mutating func rotate(_ client: Int) async throws {
        guard let model = read[client] else { return }
        let token = model.fields.revision(of: "token")
        let change = Change([.init("token", .set(json("\(revision + 1)")))], expecting: Self.expecting("token", token))
        if try await commit(change, applies: token == tokenRevision, "a token of \(token) now \(tokenRevision)") {
            tokenRevision = revision
        }
    }

    private static func expecting(_ name: String, _ revision: Revision) -> Change.Expectation {
        .fields([Change.FieldRevision(name: name, revision: revision)])
    }

    /// Commits, and checks that the change applies exactly when it should.
    private mutating func commit(_ change: Change, applies: Bool, _ what: String) async throws -> Bool {
        switch try await models.commit(change, to: id) {
        case .committed(let commit):
            try require(!isRemoved, "a change was applied to a removed model")
            try require(applies, "a change was applied over \(what)")
            try requireEqual(commit.revision, revision + 1, "the revision of a commit")
            try require(commit.lifetime.expires != nil, "a commit has taken the deadline away")
            revision = commit.revision
            return true
        case .conflict(let model):
            try require(!isRemoved, "a removed model is in conflict")
            try require(!applies, "a change was refused without reason")
            try requireEqual(model.revision, revision, "the revision of the model in conflict")
            return false
        case .gone:
            try require(isRemoved, "a model that nobody removed is gone")
            return false
        }
    }

    private func checkState() async throws {
        guard let model = try await models.fetch(id) else {
            return try require(isRemoved, "a model that nobody removed can't be read")
        }
        try require(!isRemoved, "a removed model can be read")
        try requireEqual(model.revision, revision, "the revision")
        try requireEqual(model["n"].int, counter, "the counter")
        try requireEqual(model["note"].int, saves, "the note")
        try requireEqual(model.fields.revision(of: "token"), tokenRevision, "the token's revision")
        for (client, text) in written { try requireEqual(model.text("f\(client)"), text, "a client's field") }
        try require(model.lifetime?.expires != nil, "the model has no deadline")
    }
}
