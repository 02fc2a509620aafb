import FoundationEssentials
import Modeler

/// This server's clock. It dates sessions that aren't stored and decides nothing.
enum WallClock {
    static var now: Timestamp { Timestamp(Date()) }
}
