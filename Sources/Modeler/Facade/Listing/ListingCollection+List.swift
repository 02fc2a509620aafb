extension ListingCollection {
    /// The ids of models in the order of their insertion.
    ///
    /// All of them are in memory at once; without a limit that is the whole collection. To go through many see
    /// ``idChunks(of:offset:limit:reverse:)``.
    ///
    /// - Parameters:
    ///   - offset: How many models at the front are left out.
    ///   - limit: The most ids; `nil` for all.
    ///   - reverse: Whether the newest come first; front and offset are then at the newest.
    /// - Throws: ``ModelError/Code/invalidChange`` for a negative offset or limit; what the store throws.
    public func list(offset: Int = 0, limit: Int? = nil, reverse: Bool = false) async throws -> [ModelID] {
        try await idChunks(of: Self.pageSize, offset: offset, limit: limit, reverse: reverse).joined()
    }

    /// Models in the order of their insertion, as ``ModelCollection/load(_:raw:)->Model?`` gives them.
    ///
    /// A model that goes away while the list is read is left out, and one more comes in its place.
    ///
    /// - Parameters:
    ///   - offset: How many models at the front are left out.
    ///   - limit: The most models; `nil` for all.
    ///   - reverse: Whether the newest come first; front and offset are then at the newest.
    ///   - load: Which fields the models have.
    /// - Throws: ``ModelError/Code/invalidChange`` for a negative offset or limit; what the store or the `load` hook
    ///   throws.
    public func list(
        offset: Int = 0,
        limit: Int? = nil,
        reverse: Bool = false,
        load: ModelLoading
    ) async throws -> [Model] {
        try await chunks(of: Self.pageSize, offset: offset, limit: limit, reverse: reverse, load: load).joined()
    }

    /// The ids of the oldest models, oldest first.
    public func head(_ limit: Int? = nil) async throws -> [ModelID] {
        try await list(limit: limit)
    }

    /// The oldest models, oldest first.
    public func head(_ limit: Int? = nil, load: ModelLoading) async throws -> [Model] {
        try await list(limit: limit, load: load)
    }

    /// The ids of the newest models, newest first.
    public func tail(_ limit: Int? = nil) async throws -> [ModelID] {
        try await list(limit: limit, reverse: true)
    }

    /// The newest models, newest first.
    public func tail(_ limit: Int? = nil, load: ModelLoading) async throws -> [Model] {
        try await list(limit: limit, reverse: true, load: load)
    }

    /// The ids of models from an offset on, as ``list(offset:limit:reverse:)``.
    public func slice(_ offset: Int, _ limit: Int? = nil, reverse: Bool = false) async throws -> [ModelID] {
        try await list(offset: offset, limit: limit, reverse: reverse)
    }

    /// Models from an offset on, as ``list(offset:limit:reverse:load:)``.
    public func slice(
        _ offset: Int,
        _ limit: Int? = nil,
        reverse: Bool = false,
        load: ModelLoading
    ) async throws -> [Model] {
        try await list(offset: offset, limit: limit, reverse: reverse, load: load)
    }

    /// The models read at once where the caller doesn't say.
    private static var pageSize: Int { 256 }
}

/// Which fields loaded models have.
public enum ModelLoading: Sendable, Hashable {
    /// Those of a normal load: save-only fields, whose names begin with `__`, are left out.
    case normal
    /// All, save-only fields included.
    case raw
}

extension ModelChunks {
    /// All elements of all chunks.
    fileprivate func joined() async throws -> [Item] {
        var items: [Item] = []
        for try await chunk in self { items += chunk }
        return items
    }
}
