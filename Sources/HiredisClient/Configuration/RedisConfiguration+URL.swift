extension RedisConfiguration {
    /// Reads a URL, percent-decoded:
    /// `redis://[user]:password@host:port/db` or `unix://[user:password@]/path?db=N`, all but the host or path
    /// optional. An IPv6 address stands in brackets. `client_name` may follow as a parameter.
    ///
    /// - Throws: ``RedisConfigurationError`` that says what is wrong and doesn't show the URL.
    public init(url: String) throws(RedisConfigurationError) {
        self = try RedisURL(url).configuration
    }
}
