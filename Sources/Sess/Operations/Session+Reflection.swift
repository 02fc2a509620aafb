import Modeler

/// A dump shows what the description does: a walk through all that a session refers to would come, by way of the
/// store's connections, to the network buffers of the whole program, where there are other clients' cookies.
extension Session: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: ["id": "\(id)", "revision": revision]) }
}

extension SessionManager: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: ["sessions": sessions.name]) }
}
