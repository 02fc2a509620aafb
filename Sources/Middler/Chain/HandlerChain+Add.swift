extension HandlerChain {
    /// Adds a closure that answers.
    @discardableResult
    public func add<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on.
    @discardableResult
    public func add<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other.
    @discardableResult
    public func add(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters), handlers)
    }

    /// Adds handlers for every request.
    @discardableResult
    public func add(_ handlers: any Handler...) -> HandlerChain { add(RouteFilter([]), handlers) }

    /// Adds handlers for a path and all below it. They see paths as if theirs were the root: mounted at `/blog`, a
    /// chain gets `/blog/posts/7` as `/posts/7`. ``Request/fullPath`` has the whole one.
    @discardableResult
    public func mount(_ prefix: String, _ handlers: any Handler...) -> HandlerChain {
        add(.path(.below(prefix)), handlers)
    }

    /// Adds a closure that answers, before the others: with the weight −1000.
    @discardableResult
    public func first<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [-1000]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, before the others: with the weight −1000.
    @discardableResult
    public func first<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [-1000]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, before the others: with the weight −1000.
    @discardableResult
    public func first(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [-1000]), handlers)
    }

    /// Adds handlers for every request, before the others: with the weight −1000.
    @discardableResult
    public func first(_ handlers: any Handler...) -> HandlerChain { add(-1000, handlers) }

    /// Adds a closure that answers, after the others: with the weight 1000.
    @discardableResult
    public func last<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [1000]), [HandlerFunction(handler)])
    }

    /// Adds a closure that answers or hands on, after the others: with the weight 1000.
    @discardableResult
    public func last<Answer: ResponseConvertible>(
        _ filters: RouteFilter..., handler: @escaping @Sendable (Request, Next) async throws -> Answer
    ) -> HandlerChain {
        add(RouteFilter(filters + [1000]), [HandlerFunction(handler)])
    }

    /// Adds handlers, which run one after the other, after the others: with the weight 1000.
    @discardableResult
    public func last(_ filters: RouteFilter..., run handlers: any Handler...) -> HandlerChain {
        add(RouteFilter(filters + [1000]), handlers)
    }

    /// Adds handlers for every request, after the others: with the weight 1000.
    @discardableResult
    public func last(_ handlers: any Handler...) -> HandlerChain { add(1000, handlers) }
}
