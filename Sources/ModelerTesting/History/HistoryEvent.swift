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

    /// The write that a call asked for, and its field: `nil` for all of a new model.
    struct Attempt: Sendable {
        var write: Int
        var field: Int?
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
        /// The model isn't there. A write that was sent again after a lost answer may have been applied before it went.
        case gone
        /// The model was there, was as expected, and was removed.
        case removed(Expected)
        /// A removal was sent, and its answer was lost; or it found nothing, which a removal that was sent again after
        /// a lost answer does as well.
        case removalUnknown(isLost: Bool)
        /// A write that had been applied at a revision was asked for again, and answered with a revision, or refused.
        case repeated(first: Revision, Revision?)
        /// The call failed, and wrote nothing. Of insertions and reads, also: their answers were lost.
        case failed(ModelError.Code)
    }

    /// When the call began and when its answer came, in nanoseconds.
    var began: Int64
    var ended: Int64
    var answer: Answer
    /// The write that was asked for, whatever the answer.
    var attempt: Attempt?
    /// The numbers of all writes that were applied to the model, in order, where the answer shows them.
    var log: [Int]?
}
