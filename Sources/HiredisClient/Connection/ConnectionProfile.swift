/// How a client makes connections of one kind: its settings, the commands that they begin with, and what secures them.
struct ConnectionProfile: Sendable {
    let configuration: RedisConfiguration
    let handshake: Handshake
    /// `nil` where connections are not secured.
    let security: TransportSecurity?

    init(_ configuration: RedisConfiguration) {
        let security = configuration.tls.map { TransportSecurity($0, logger: configuration.logger) }
        self.init(configuration, security: security)
    }

    init(_ configuration: RedisConfiguration, security: TransportSecurity?) {
        self.configuration = configuration
        self.security = security
        handshake = Handshake(configuration)
    }
}
