import Logging

/// Keeps the client's transitions out of the tests' output.
let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
