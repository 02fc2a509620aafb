public import Configuration
public import ConfigurationKeys
public import Sess

extension SessionOptions {
    /// Reads options from the keys under `session`: with the provider of environment variables `SESSION_COOKIE_NAME`,
    /// `SESSION_IDLE_TIMEOUT`… Which source counts before which is the reader's order of providers. Set in code beside
    /// it what no text can be: hooks, the logger, conflict policies, the schema.
    ///
    /// ``swift
    /// let config = ConfigReader(provider: EnvironmentVariablesProvider())
    /// let manager = try SessionManager(options: SessionOptions(config: config))
    /// ``
    ///
    /// - Throws: `ConfigurationError` for a value that hasn't its key's form, and for values that contradict each
    ///   other.
    ///   It names the key and never shows a value.
    public init(config: ConfigReader) throws(ConfigurationError) {
        var cookie = CookieSettings()
        _ = try CookieSettings.table.read(config, into: &cookie)
        var settings = SessionSettings()
        let given = try SessionSettings.table.read(config, into: &settings)
        var options = settings.options
        do throws(SessionError) {
            options.cookie = try cookie.cookie()
        } catch {
            throw ConfigurationError(key: "session.cookie", error.message)
        }
        options.timeouts.anonymous = try settings.anonymousLimits(given)
        do throws(SessionError) {
            try SessionManager.check(options)
        } catch {
            throw ConfigurationError(key: "session", error.message)
        }
        self = options
    }

    /// The keys that `init(config:)` reads, for reports and documentation.
    public static var configurationKeys: [ConfigurationKey] { CookieSettings.table.keys + SessionSettings.table.keys }
}
