package import HTTPTypes
package import Modeler
package import Sess
import Synchronization

/// Requests of one browser, each sent with the cookies that the browser has then, that overlap in an order that a
/// generator chooses, and whose responses reach it in an order of the generator's choosing, too.
package struct BrowserRun: Sendable {
    /// One response on its way.
    package struct Answer: Sendable {
        /// The request's number.
        package let request: Int
        /// The cookies that the request was sent with.
        package let sent: String?
        /// The header fields.
        package let fields: HTTPFields
        /// The step of the request's last write on the store; `nil` where it has asked for none.
        package let lastWrite: Int?
        /// The steps until it reaches the browser.
        package let steps: [String]

        /// Whether a session was removed after the request has written last: of that its response can't know.
        package var isOlderThanARemoval: Bool {
            guard let lastWrite else { return false }
            return steps.dropFirst(lastWrite + 1).contains { $0.hasSuffix(".remove") }
        }

        /// The requests that have changed a stored session after this one has written last: of that its response can't
        /// know.
        package var laterWriters: Set<Int> {
            guard let lastWrite else { return [] }
            let commits = steps.dropFirst(lastWrite + 1).filter { $0.hasSuffix(".commit") }
            return Set(commits.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }).subtracting([request])
        }
    }

    /// The browser at the end.
    package let browser: TestBrowser
    /// A manager over the store, to look at what is left.
    package let manager: SessionManager
    /// The steps, as `0.send`, `0.fetch` and `0.answer`.
    package let steps: [String]

    /// Runs requests.
    ///
    /// - Parameters:
    ///   - requests: The handlers, in the order in which they are sent.
    ///   - width: The most requests that are under way at once.
    ///   - options: The managers' options. Each request has a manager of its own, as on a server of its own.
    ///   - store: Where the sessions are.
    ///   - generator: Chooses which request goes on.
    ///   - onAnswer: Called when a response reaches the browser, before the browser has taken its cookies.
    package static func run(
        _ requests: [RequestInterleavings.Handler],
        width: Int,
        options: SessionOptions,
        store: any OwnershipCollection,
        using generator: inout some RandomNumberGenerator,
        onAnswer: @escaping @Sendable (Answer, TestBrowser, SessionManager) async throws -> Void
    ) async throws -> BrowserRun {
        let browser = TestBrowser()
        let manager = try SessionManager(sessions: store, options: options)
        let schedule = Schedule(requests: requests.count)
        let paused = InterposedCollection(store) { await schedule.arrive($0) }
        let tasks = try requests.enumerated().map { number, handler in
            let own = try SessionManager(sessions: paused, options: options)
            return Schedule.$request.withValue(number) {
                Task {
                    defer { schedule.end(number) }
                    await schedule.arrive(at: "send")
                    let sent = browser.cookie
                    let client = TestBrowser(cookie: sent)
                    // Its error is the response's status, and of no account here.
                    try? await own.visit(client, handler)
                    await schedule.arrive(at: "answer")
                    let steps = schedule.log
                    let answer = Answer(
                        request: number, sent: sent, fields: client.last,
                        lastWrite: Self.lastWrite(of: number, in: steps), steps: steps)
                    try await Schedule.$request.withValue(nil) { try await onAnswer(answer, browser, manager) }
                    browser.receive(client.last)
                }
            }
        }
        while true {
            let ready = Self.allowed(await schedule.settle(), schedule, width: width)
            guard let next = ready.randomElement(using: &generator) else { break }
            schedule.step(next)
        }
        for task in tasks { try await task.value }
        return BrowserRun(browser: browser, manager: manager, steps: schedule.log)
    }

    /// Those who may go on: of the requests that aren't sent yet the first, where not too many are under way.
    private static func allowed(_ ready: [Int], _ schedule: Schedule, width: Int) -> [Int] {
        let unsent = ready.filter { schedule.next(of: $0) == "send" }
        let underWay = ready.filter { schedule.next(of: $0) != "send" }
        return underWay.count < width ? underWay + unsent.prefix(1) : underWay
    }

    private static func lastWrite(of request: Int, in steps: [String]) -> Int? {
        let writes = ["insert", "commit", "touch", "remove"].map { "\(request).\($0)" }
        return steps.lastIndex { writes.contains($0) }
    }
}
