extension RedisConfiguration {
    /// Reads a URL, percent-decoded:
    /// `redis://[user]:password@host:port/db` or `unix://[user:password@]/path?db=N`, all but the host or path
    /// optional. `valkey://` is the same as `redis://`, and `rediss://` and `valkeys://` are these over TLS. An IPv6
    /// address stands in brackets. As parameters may follow `client_name`, of which an empty one sends no name, and,
    /// over TLS, `tls_server_name`, `tls_ca_file`, `tls_cert_file` and `tls_key_file`.
    ///
    /// `redis+sentinel://[user:password@]sentinel:26379,sentinel:26379,…/name-of-the-master/db` is the master that
    /// Sentinels name; user and password are the master's, and those for the Sentinels the parameters
    /// `sentinel_username` and `sentinel_password`. With `rediss+sentinel://` both are reached over TLS.
    ///
    /// `redis+cluster://[user:password@]node:6379,node:6379,…` is a Redis Cluster, of which some nodes are named, and
    /// `rediss+cluster://` one over TLS.
    ///
    /// - Throws: ``RedisConfigurationError`` that says what is wrong and doesn't show the URL.
    public init(url: String) throws(RedisConfigurationError) {
        self = try RedisURL(url).configuration
    }
}
