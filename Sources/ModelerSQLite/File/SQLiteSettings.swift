import Modeler

/// How a ``SQLiteFile`` is kept.
public struct SQLiteSettings: Sendable, Hashable {
    /// What an acknowledged write outlives. The death of the process, by whatever signal, in either case.
    public enum Durability: Sendable, Hashable {
        /// Also a power cut and a crash of the system: the disk has confirmed every write before it is acknowledged.
        /// Writers that come at once share one confirmation.
        case full
        /// A power cut or a crash of the system may undo the last writes, never a part of one; the file stays whole.
        case normal
    }

    /// What an acknowledged write outlives.
    public var durability: Durability

    /// The longest that an operation takes, waiting for its turn and for other processes included.
    public var timeout: Duration

    /// The most operations that wait for each connection; any beyond is refused with `ModelError.Code.overloaded`.
    public var maximumWaiting: Int

    /// The most bytes of one model's names and values.
    public var maximumBytesPerModel: Int

    /// The most bytes of the file, or `nil` for no bound; what doesn't fit is refused with `ModelError.Code.full`.
    /// The log beside the file comes on top.
    public var maximumFileBytes: Int?

    /// How often expired models are swept and free space is given back, beside the few of both at each write.
    public var upkeepInterval: Duration

    /// Makes settings.
    public init(
        durability: Durability = .full,
        timeout: Duration = .seconds(5),
        maximumWaiting: Int = 10_000,
        maximumBytesPerModel: Int = 8 << 20,
        maximumFileBytes: Int? = nil,
        upkeepInterval: Duration = .seconds(60)
    ) {
        self.durability = durability
        self.timeout = timeout
        self.maximumWaiting = maximumWaiting
        self.maximumBytesPerModel = maximumBytesPerModel
        self.maximumFileBytes = maximumFileBytes
        self.upkeepInterval = upkeepInterval
    }

    /// Checks that each is usable.
    ///
    /// - Throws: ``ModelError/Code/misconfigured``.
    func validate() throws(ModelError) {
        let durations = Duration.milliseconds(1)...Duration.seconds(3600)
        guard durations.contains(timeout), durations.contains(upkeepInterval) else {
            throw ModelError(.misconfigured, "timeout and upkeepInterval are a millisecond to an hour")
        }
        guard maximumWaiting >= 1, maximumBytesPerModel >= 0 else {
            throw ModelError(.misconfigured, "maximumWaiting is 1 or more, maximumBytesPerModel not negative")
        }
        guard (maximumFileBytes ?? Self.smallestFile) >= Self.smallestFile else {
            throw ModelError(.misconfigured, "maximumFileBytes is \(Self.smallestFile) or more")
        }
    }

    private static let smallestFile = 1 << 20
}
