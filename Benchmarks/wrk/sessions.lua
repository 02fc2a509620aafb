-- Asks one path with the cookies of a file in turn, so that no two requests under way are of one session.
local requests, position = {}, 0

function init(arguments)
    for cookie in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", nil, {Cookie = cookie, Host = "127.0.0.1"})
    end
end

function request()
    position = position % #requests + 1
    return requests[position]
end
