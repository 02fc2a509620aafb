// An app that imports the adapter has what it needs of sessions.
@_exported public import Sess
