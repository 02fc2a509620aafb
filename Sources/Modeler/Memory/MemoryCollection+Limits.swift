extension MemoryCollection {
    /// How much a ``MemoryCollection`` holds.
    public struct Limits: Sendable, Hashable {
        /// What an insertion does to a full collection.
        public enum WhenFull: Sendable, Hashable {
            /// It is refused with ``ModelError/Code/full``.
            case refuse
            /// The model that would expire soonest makes room. Where none ever expires, as for ``refuse``.
            case evictSoonestToExpire
        }

        /// The most models.
        public var maximumModels: Int

        /// The most bytes of a model's names and values together.
        public var maximumBytesPerModel: Int

        /// What an insertion does when there are ``maximumModels`` already.
        public var whenFull: WhenFull

        /// Makes limits.
        public init(
            maximumModels: Int = 100_000,
            maximumBytesPerModel: Int = 64 * 1024,
            whenFull: WhenFull = .refuse
        ) {
            self.maximumModels = maximumModels
            self.maximumBytesPerModel = maximumBytesPerModel
            self.whenFull = whenFull
        }

        func check(_ fields: Fields) throws(ModelError) {
            let count = fields.byteCount
            guard count <= maximumBytesPerModel else {
                throw ModelError(
                    .tooLarge,
                    "a model of \(count) bytes is larger than maximumBytesPerModel, \(maximumBytesPerModel)"
                )
            }
        }

        var full: ModelError {
            ModelError(.full, "the memory collection holds maximumModels, \(maximumModels), already")
        }
    }
}
