import HiredisClient
public import Modeler

/// Removals are published by the script that removes, on a channel named as the record's key: that needs no setting of
/// the server, costs nothing but where something is removed, and reaches only those who wait for this model. Keyspace
/// events would have to be turned on, and come for every write. An expiry, or a key that others delete, isn't
/// published.
extension RedisCollection: EndSignalCollection {
    public func endSignals(of id: ModelID) -> AsyncStream<EndSignal> {
        let channel = keys.record(id)
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
            let subscription = client.subscribe(to: channel) { signal in
                switch signal {
                case .told: stream.yield(.told)
                case .untold: stream.yield(.untold)
                case .closed:
                    stream.yield(.untold)
                    stream.finish()
                }
            }
            stream.onTermination = { _ in subscription.cancel() }
        }
    }
}
