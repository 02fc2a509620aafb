import Metrics
import Modeler

/// The library's counters. None has a label that a client could make many of.
struct SessionMetrics: Sendable {
    let loaded = Counter(label: "sess_sessions_loaded")
    let refused = Counter(label: "sess_tokens_refused")
    let forged = Counter(label: "sess_tokens_forged")
    let reused = Counter(label: "sess_tokens_reused")
    let created = Counter(label: "sess_sessions_created")
    let saved = Counter(label: "sess_sessions_saved")
    let touched = Counter(label: "sess_sessions_touched")
    let destroyed = Counter(label: "sess_sessions_destroyed")
    let conflicts = Counter(label: "sess_conflicts")
    let goneWhileInUse = Counter(label: "sess_sessions_gone_in_use")
    let changesLost = Counter(label: "sess_changes_lost")
    let changedTooLate = Counter(label: "sess_changes_too_late")
    let migrated = Counter(label: "sess_sessions_migrated")
    let unreadable = Counter(label: "sess_unreadable")
    let userIndexLost = Counter(label: "sess_user_index_lost")
    let storeUnavailable = Counter(label: "sess_store_unavailable")
    let unconfirmed = Counter(label: "sess_writes_unconfirmed")

    func count(_ confirmation: WriteConfirmation) {
        if confirmation == .unconfirmed { unconfirmed.increment() }
    }
}
