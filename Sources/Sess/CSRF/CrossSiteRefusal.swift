public import HTTPTypes

/// Why ``CrossSiteProtection`` refuses a request.
public struct CrossSiteRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field that has decided.
    public enum Reason: Sendable, Hashable {
        /// `Sec-Fetch-Site`.
        case secFetchSite
        /// `Origin`, in a request without `Sec-Fetch-Site`.
        case origin
    }

    /// The field that has decided.
    public let reason: Reason

    /// The response's status: 403.
    public var responseStatus: HTTPResponse.Status { .forbidden }

    /// The response's text.
    public var responseMessage: String { "The request was refused: it comes from a page of another site." }

    public var description: String {
        switch reason {
        case .secFetchSite: "a cross-site request by its Sec-Fetch-Site"
        case .origin: "a cross-site request: its Origin isn't the host that it asks"
        }
    }
}
