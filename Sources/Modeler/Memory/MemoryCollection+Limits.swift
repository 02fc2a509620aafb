extension MemoryCollection {
    /// How much a ``MemoryCollection`` holds.
    public struct Limits: Sendable, Hashable {
        /// What an insertion does to a full collection.
        public enum WhenFull: Sendable, Hashable {
            /// It is refused with ``ModelError/Code/full``.
            case refuse
            /// The model that would expire soonest makes room. Where none ever expires, as for ``refuse``.
            case evictSoonestToExpire
            /// Of the models that no owner has or has reserved (``OwnershipCollection``), the one that would expire
            /// soonest makes room: a robot's new sessions push out others that nobody is signed in to, never a user's.
            /// Where there is none, as for ``refuse``.
            case evictUnownedSoonestToExpire
        }

        /// The most models.
        public var maximumModels: Int

        /// The most bytes of a model's names and values together.
        public var maximumBytesPerModel: Int

        /// What an insertion does when there are ``maximumModels`` already.
        public var whenFull: WhenFull

        /// Makes limits. By default a model has room for a session of 64 KiB and what the library keeps beside it.
        public init(
            maximumModels: Int = 100_000,
            maximumBytesPerModel: Int = 128 * 1024,
            whenFull: WhenFull = .evictUnownedSoonestToExpire
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

        /// From how many models on the collection counts as nearly full: nine tenths.
        var nearlyFull: Int { max(1, maximumModels - maximumModels / 10) }

        var full: ModelError {
            ModelError(.full, "the memory collection holds maximumModels, \(maximumModels), already")
        }
    }
}
