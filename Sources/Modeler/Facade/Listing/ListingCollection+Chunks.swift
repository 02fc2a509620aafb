extension ListingCollection {
    /// The ids of models in the order of their insertion, in chunks.
    ///
    /// ```swift
    /// for try await ids in people.idChunks(of: 100, reverse: true) { … }
    /// ```
    ///
    /// Each chunk but the last is full. At no time is more than one in memory, and none is read before it is asked
    /// for. Models that come while the sequence is read are listed where their place is still ahead; those that stay
    /// are listed once.
    ///
    /// - Parameters:
    ///   - size: The ids of a chunk; at least 1.
    ///   - offset: How many models at the front are left out.
    ///   - limit: The most ids of all chunks together; `nil` for any number.
    ///   - reverse: Whether the newest come first; front and offset are then at the newest.
    /// - Returns: A sequence that may be iterated any number of times, each time anew. Its iterator throws
    ///   ``ModelError/Code/invalidChange`` for an argument out of range, and what the store throws.
    public func idChunks(
        of size: Int,
        offset: Int = 0,
        limit: Int? = nil,
        reverse: Bool = false
    ) -> ModelChunks<ModelID> {
        let range = ListRange(chunk: size, offset: offset, limit: limit, reverse: reverse)
        return ModelChunks(collection: self, range: range) { $0 }
    }

    /// Models in the order of their insertion, in chunks, as ``ModelCollection/load(_:raw:)->Model?`` gives them.
    ///
    /// ```swift
    /// for try await models in people.chunks(of: 100) { … }
    /// ```
    ///
    /// As ``idChunks(of:offset:limit:reverse:)``. A model that goes away between the listing and the loading of its
    /// chunk is left out, and one more comes in its place.
    ///
    /// - Parameters:
    ///   - size: The models of a chunk; at least 1.
    ///   - offset: How many models at the front are left out.
    ///   - limit: The most models of all chunks together; `nil` for any number.
    ///   - reverse: Whether the newest come first; front and offset are then at the newest.
    ///   - load: Which fields the models have.
    /// - Returns: As ``idChunks(of:offset:limit:reverse:)``; the iterator also throws what the `load` hook throws.
    public func chunks(
        of size: Int,
        offset: Int = 0,
        limit: Int? = nil,
        reverse: Bool = false,
        load: ModelLoading = .normal
    ) -> ModelChunks<Model> {
        let range = ListRange(chunk: size, offset: offset, limit: limit, reverse: reverse)
        return ModelChunks(collection: self, range: range) { ids in
            try await self.load(ids, raw: load == .raw).compactMap(\.self)
        }
    }
}
