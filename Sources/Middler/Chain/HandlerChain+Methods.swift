// A function for each method, as `add` with that method.
extension HandlerChain {
    /// Adds a closure that answers, for GET requests. It answers HEAD too, whose body the server leaves out.
    @discardableResult
    public func get<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.get]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for GET requests. It answers HEAD too, whose body the server leaves
    /// out.
    @discardableResult
    public func get<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.get]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for GET requests. It answers HEAD too, whose body the server
    /// leaves out.
    @discardableResult
    public func get(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.get]), handlers)
    }

    /// Adds a closure that answers, for POST requests.
    @discardableResult
    public func post<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.post]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for POST requests.
    @discardableResult
    public func post<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.post]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for POST requests.
    @discardableResult
    public func post(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.post]), handlers)
    }

    /// Adds a closure that answers, for PUT requests.
    @discardableResult
    public func put<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.put]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for PUT requests.
    @discardableResult
    public func put<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.put]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for PUT requests.
    @discardableResult
    public func put(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.put]), handlers)
    }

    /// Adds a closure that answers, for PATCH requests.
    @discardableResult
    public func patch<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.patch]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for PATCH requests.
    @discardableResult
    public func patch<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.patch]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for PATCH requests.
    @discardableResult
    public func patch(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.patch]), handlers)
    }

    /// Adds a closure that answers, for DELETE requests.
    @discardableResult
    public func delete<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.delete]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for DELETE requests.
    @discardableResult
    public func delete<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.delete]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for DELETE requests.
    @discardableResult
    public func delete(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.delete]), handlers)
    }

    /// Adds a closure that answers, for HEAD requests.
    @discardableResult
    public func head<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.head]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, for HEAD requests.
    @discardableResult
    public func head<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [.head]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, for HEAD requests.
    @discardableResult
    public func head(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [.head]), handlers)
    }
}
