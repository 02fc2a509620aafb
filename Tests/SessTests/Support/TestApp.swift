@_exported import ModelerTesting
@_exported import SessTesting

typealias TestApp = TestSessions
typealias TestClient = TestBrowser
typealias TestClock = ManualClock
