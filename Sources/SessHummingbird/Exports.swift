// An app that imports the adapter has what it needs of sessions.
@_exported public import Sess

// A request context of an app's own names the type of its connection.
@_exported public import protocol NIOCore.Channel
