import Testing

@testable import HiredisClient

@Suite struct RemovedKeysTests {
    @Test("D6 Removed keys are told in their order, from a given removal on, and each once")
    func order() {
        var keys = RemovedKeys()
        for key in ["a", "b", "c", "a"] { keys.insert(key, now: 1) }
        #expect(keys.keys(after: 0, now: 1) == ["b", "c", "a"])
        #expect(keys.keys(after: 2, now: 1) == ["c", "a"])
        #expect(keys.keys(after: keys.latest, now: 1).isEmpty && keys.count == 3)
    }

    @Test("D6 A key that was made anew isn't removed again")
    func anew() {
        var keys = RemovedKeys()
        keys.insert("a", now: 1)
        keys.insert("b", now: 1)
        keys.forget("a")
        #expect(keys.keys(after: 0, now: 1) == ["b"])
        keys.insert("a", now: 2)
        #expect(keys.keys(after: 0, now: 2) == ["b", "a"])
    }

    @Test("D6 Keys are kept for a minute")
    func life() {
        var keys = RemovedKeys()
        keys.insert("a", now: 1)
        keys.insert("b", now: RemovedKeys.life)
        #expect(keys.keys(after: 0, now: RemovedKeys.life) == ["a", "b"])
        #expect(keys.keys(after: 0, now: RemovedKeys.life + 1) == ["b"])
        keys.insert("c", now: RemovedKeys.life + 1)
        #expect(keys.count == 2 && keys.dropped == 0)
    }

    @Test("D6 No more keys are kept than there is room for, and those given up are counted")
    func bound() {
        var keys = RemovedKeys(capacity: 100)
        for number in 0..<10_000 { keys.insert("\(number)", now: 1) }
        #expect(keys.count == 100 && keys.dropped == 9_900)
        #expect(keys.keys(after: 0, now: 1).first == "9900")
    }
}
