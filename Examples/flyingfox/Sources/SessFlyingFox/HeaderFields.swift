import FlyingFox
import HTTPTypes

extension HTTPFields {
    /// FlyingFox's header fields; several of one name stay several.
    init(_ headers: HTTPHeaders) {
        self.init()
        for name in headers.keys {
            guard let fieldName = HTTPField.Name(name.rawValue) else { continue }
            for value in headers.values(for: name) { append(HTTPField(name: fieldName, value: value)) }
        }
    }
}

extension FlyingFox.HTTPResponse {
    /// The header fields, all of them: sessions replace some and add to others.
    var fields: HTTPFields {
        get { HTTPFields(headers) }
        set {
            headers = HTTPHeaders()
            for field in newValue { headers.addValue(field.value, for: HTTPHeader(field.name.rawName)) }
        }
    }
}

extension FlyingFox.HTTPRequest.Address {
    /// The address without its port.
    var host: String? {
        switch self {
        case .ip4(let host, port: _), .ip6(let host, port: _): host
        case .unix: nil
        }
    }
}
