import HTTPTypes
import Modeler

@testable import Sess

/// What a request does with its session, in order.
enum MachineVerb: Sendable, Hashable {
    case set(String, Int)
    case unset(String)
    case increment(String)
    case save, touch, reload, update(String), remember, destroy, drop
    case enter(UInt64)
    case rotate(Duration)
    case signIn(String)
}

/// One request: its machine and what it has seen, driven as ``Session`` and ``SessionManager`` drive a machine, one
/// question to the store at a time.
struct MachineRequest: Sendable {
    /// Why a call was made.
    enum Purpose: Sendable {
        case verb(MachineVerb)
        case signIn(MachineSignIn)
        case former(SessionMachine)
        case end, confirmation, dropped
    }

    /// What is asked of the store next.
    enum Work: Sendable {
        case call(SaveCall, Purpose)
        case removal(ModelID, Change.Expectation, Purpose)
    }

    /// What becomes of one answer.
    enum Loss: Sendable, CaseIterable {
        case none, beforeApplied, afterApplied
    }

    var program: ArraySlice<MachineVerb>
    /// Whether a handler that an error stops ends the request.
    var stopsAtErrors = false
    var machine: SessionMachine?
    var work: Work?
    private var questions = 0
    /// The request that has to be over before this one begins.
    var follows: Int?
    /// The changes that the end of the request was to store.
    var changed: [String] = []
    /// Whether the record of a dropped session was asked to be removed.
    var triedRemoval = false

    /// The session of the token that the client sent.
    var presented: ModelID?
    /// The tokens that the request has come with or made.
    var tokens: [SessionToken] = []
    /// The tokens that its own writes have given the record.
    var made: [SessionToken] = []
    /// The records as its own writes have left them.
    var confirmed: [Model] = []
    /// The records that it has removed.
    var removed: Set<ModelID> = []
    /// The names of fields that it has stored.
    var stored: Set<String> = []

    var thrown: [SessionError] = []
    /// The changes that the end of the request could not store.
    var lost: [String] = []
    var events: [SessionEvent] = []
    /// What the response says, once it is there.
    var field: HTTPField?
    var isDone = false
    /// A write for a token that the record no longer accepts, a session that is back, and so on.
    var faults: [String] = []

    init(_ program: [MachineVerb], stopsAtErrors: Bool = false, follows: Int? = nil) {
        self.program = program[...]
        self.follows = follows
        self.stopsAtErrors = stopsAtErrors
    }

    /// The session; there is one from the first step on.
    var session: SessionMachine {
        get { machine ?? .detached(.missingMiddleware, now: Timestamp(milliseconds: 0), namespace: TokenNamespace("")) }
        set { machine = newValue }
    }

    /// Runs up to and with the next question to the store; the first step begins the request.
    mutating func step(_ store: inout PureStore, _ manager: SessionManager, cookie: String?, _ loss: Loss = .none) {
        guard machine != nil else {
            begin(store, manager, cookie)
            return
        }
        while !isDone {
            guard let work else {
                if let verb = program.popFirst() { start(verb, manager) } else { end(manager) }
                continue
            }
            questions += 1
            guard questions < 60 else {
                faults.append("asks without end")
                isDone = true
                return
            }
            switch work {
            case .call(var call, let purpose):
                do throws(SessionError) {
                    guard !call.isDone || call.refreshesIndex, let request = try session.next(&call, manager.rules)
                    else {
                        self.work = nil
                        complete(call, purpose, manager)
                        continue
                    }
                    try ask(request, &call, &store, manager, loss)
                    self.work = .call(call, purpose)
                } catch {
                    self.work = nil
                    events += call.events
                    fail(error, purpose, manager)
                }
            case .removal(let id, let expected, let purpose):
                self.work = nil
                guard let answer = try? store.answer(.remove(id, expecting: expected)) else { continue }
                noteWrite(store)
                complete(answer, of: id, purpose, manager)
            }
            return
        }
    }

    private mutating func begin(_ store: PureStore, _ manager: SessionManager, _ cookie: String?) {
        var exchange = Exchange()
        var reason: SessionMachine.DetachedReason?
        if let cookie, case .token(let parsed) = manager.tokens.read(ArraySlice(cookie.utf8)) {
            exchange.resends = parsed.other != nil
            for token in [parsed.token, parsed.other].compactMap(\.self) {
                let held = ClientToken.Held(token: token)
                guard let model = store.model(token.id) else { continue }
                let status = ClientToken.held(held).status(in: model, manager.namespace)
                guard status == .current || status == .graced else {
                    reason = .replaced
                    continue
                }
                exchange.presented = model.id
                presented = model.id
                tokens = [token]
                let client = ClientToken.held(ClientToken.Held(token: token, isGraced: status == .graced))
                machine = .stored(
                    SessionRecord(model), client: client, namespace: manager.namespace, exchange: exchange)
                return
            }
        }
        exchange.resends = false
        machine =
            reason.map { .detached($0, now: store.now, namespace: manager.namespace, exchange: exchange) }
            ?? .fresh(now: store.now, namespace: manager.namespace, exchange: exchange)
    }
}
