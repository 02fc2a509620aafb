import Modeler

/// One call of a client on one model, and what was answered.
struct HistoryEvent: Sendable {
    /// What a client has seen or written: fields by number, each with the write that made its value and the revision.
    struct Seen: Sendable {
        var field: Int
        var write: Int
        var revision: Revision
    }

    /// What was expected of the stored model.
    enum Expected: Sendable {
        case nothing
        case revision(Revision)
        case field(Int, Revision)
    }

    enum Answer: Sendable {
        /// The model was inserted, at revision 1, with this write in every field.
        case inserted(write: Int)
        /// A write of one field was applied.
        case committed(field: Int, write: Int, Expected, Revision)
        /// A write was refused, because of the model as it is.
        case refused(Expected, Revision, [Seen])
        /// A write was sent, and its answer was lost.
        case unknown(field: Int, write: Int)
        /// The model was read.
        case read(Revision, [Seen])
        /// The deadline was moved.
        case touched
        /// The model isn't there.
        case gone
        /// The model was there and was removed.
        case removed
        /// A removal was sent, and its answer was lost; or it found nothing, which a removal that was sent again after a lost
        /// answer does as well.
        case removalUnknown
    }

    /// When the call began and when its answer came, in nanoseconds.
    var began: Int64
    var ended: Int64
    var answer: Answer
}
