import Hummingbird
import SessHummingbird

struct AppContext: SessRequestContext {
    var coreContext: CoreRequestContextStorage
    let requestSessions = RequestSessions()
    let channel: any Channel
    let requestDecoder = URLEncodedFormDecoder()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
