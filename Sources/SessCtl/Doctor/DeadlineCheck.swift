import Modeler

/// Looks whether sessions have a deadline: without one they stay for ever.
struct DeadlineCheck {
    let store: OperatedStore
    let sample: Int

    func finding() async -> Finding {
        let name = "deadlines"
        do {
            var (seen, endless): (Int, [ModelID]) = (0, [])
            var cursor: PageCursor?
            repeat {
                let step = try await store.collection.scan(after: cursor, limit: 200)
                for model in try await store.readable(step.ids) {
                    seen += 1
                    if model.lifetime?.expires == nil { endless.append(model.id) }
                }
                cursor = step.next
            } while cursor != nil && seen < sample
            guard let first = endless.first else {
                return Finding(name, .ok, "\(seen) sessions looked at, all have one")
            }
            return Finding(
                name, .warning,
                "\(endless.count) of \(seen) sessions have none, as \(first); set an idle or an absolute timeout"
            )
        } catch {
            return Finding(name, .unknown, "\(error)")
        }
    }
}
