import FoundationEssentials
import Modeler

/// What is stored of a session that an app in Node writes too.
protocol NodeRecord {
    /// What the app has in the session.
    var members: JSONMembers { get set }

    init(_ bytes: ArraySlice<UInt8>, id: String) throws(NodeSessionError)

    /// The seconds that Redis is to keep the record from now on.
    func lifetime(default seconds: Int) -> Int

    /// The bytes to store in place of those that were read.
    func encoded(now: Date) throws(NodeSessionError) -> ArraySlice<UInt8>
}
