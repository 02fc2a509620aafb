/// Every removal happens in this process, so each is told as it happens, an eviction too.
extension MemoryCollection: EndSignalCollection {
    public func endSignals(of id: ModelID) -> AsyncStream<EndSignal> { ends.signals(of: id) }
}
