import HiredisClient
import Modeler

/// The scripts on the index of a collection's order: one sorted set, and each script touches that one key.
///
/// | member | score |
/// |---|---|
/// | a model's id | its place in the order of insertion, and in microseconds since 1970 when it was put there |
/// | `+` and an id | the place that the id is about to move to: it is being inserted anew, and its old place is in the index still |
///
/// An id never begins with `+`. Scores are unique and grow: each is the index's clock, or one more than the last. The
/// answer's first element is a word and the second the operation's text, so that an answer that belongs to another
/// call is noticed. Each may run twice.
///
/// The key lives an hour longer than any model can that was put into it; without end once one was that has no absolute
/// limit.
enum ListingScripts {
    /// ARGV: operation, id, how long the model may live. Answers its place, and whether the id has an older one.
    static let stage = RedisScript(
        prelude + """
            local id = ARGV[2]
            local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
            local score = math.max(at, last and tonumber(last) + 1 or 0)
            local old = redis.call('ZSCORE', key, id)
            redis.call('ZADD', key, text(score), old and '+' .. id or id)
            keep(ARGV[3])
            return {'staged', ARGV[1], text(score), old and 1 or 0}
            """
    )

    /// The model is there. ARGV: operation, id, its place, whether it moves there from an older one (0 or 1), how long
    /// it may live.
    static let settle = RedisScript(
        prelude + """
            local id, score = ARGV[2], tonumber(ARGV[3])
            local marked = redis.call('ZSCORE', key, '+' .. id)
            if marked and tonumber(marked) == score then redis.call('ZREM', key, '+' .. id) end
            local has = redis.call('ZSCORE', key, id)
            if not has or (ARGV[4] == '1' and tonumber(has) < score) then redis.call('ZADD', key, ARGV[3], id) end
            keep(ARGV[5])
            return {'settled', ARGV[1]}
            """
    )

    /// ARGV: operation, the place before or an empty text, the most members, whether the newest come first (0 or 1).
    /// Answers the clock and members with scores.
    static let page = RedisScript(
        prelude + """
            local found
            local after = ARGV[2] ~= '' and '(' .. ARGV[2]
            if ARGV[4] == '1' then
              found = redis.call('ZREVRANGEBYSCORE', key, after or '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
            else
              found = redis.call('ZRANGEBYSCORE', key, after or '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
            end
            return {'page', ARGV[1], text(at), found}
            """
    )

    /// Members of whom there is no model. ARGV: operation, then a member and its score for each. One that has moved
    /// since stays. Answers how many are gone.
    static let drop = RedisScript(
        prelude + """
            local count = 0
            for index = 2, #ARGV, 2 do
              local score = redis.call('ZSCORE', key, ARGV[index])
              if score and tonumber(score) == tonumber(ARGV[index + 1]) then
                count = count + redis.call('ZREM', key, ARGV[index])
              end
            end
            return {'dropped', ARGV[1], count}
            """
    )

    /// Models that are there. ARGV: operation, how long they may live, then an id and when it was created in ms since
    /// 1970 for each. One that is in the index stays where it is. Answers how many came in.
    static let restore = RedisScript(
        prelude + """
            local count = 0
            for index = 3, #ARGV, 2 do
              if not redis.call('ZSCORE', key, ARGV[index]) then
                local score = tonumber(ARGV[index + 1]) * 1000
                local function taken(places)
                  if places == 0 then return 0 end
                  return redis.call('ZCOUNT', key, text(score), text(score + places - 1))
                end
                local high = taken(1000)
                while high == 1000 do
                  score = score + 1000
                  high = taken(1000)
                end
                -- The first free place of the millisecond: all before it are taken.
                local low = taken(high) == high and high or 0
                while low < high do
                  local middle = math.floor((low + high) / 2)
                  if taken(middle + 1) > middle then low = middle + 1 else high = middle end
                end
                score = score + low
                count = count + redis.call('ZADD', key, text(score), ARGV[index])
              end
            end
            keep(ARGV[2])
            return {'restored', ARGV[1], count}
            """
    )

    /// ARGV: operation, how long a model may live from now on.
    static let extend = RedisScript(
        prelude + """
            keep(ARGV[2])
            return {'extended', ARGV[1]}
            """
    )

    static let all = [stage, settle, page, drop, restore, extend]

    /// How long a model may live is in ms, or `-` for without end.
    private static let prelude = """
        local key = KEYS[1]
        local time = redis.call('TIME')
        local at = time[1] * 1000000 + time[2]
        -- Before any write: a key that a write empties is gone, with its deadline.
        local left = redis.call('PTTL', key)
        local function text(number)
          return string.format('%.0f', number)
        end
        local function keep(life)
          if life == '-' then
            redis.call('PERSIST', key)
            return
          end
          if left == -1 then return end
          local wanted = math.max(left, tonumber(life) + \(retention.wholeMilliseconds))
          if redis.call('PTTL', key) < wanted then
            redis.call('PEXPIREAT', key, text(math.floor(at / 1000) + wanted))
          end
        end

        """

    /// How long the index outlives its last model: for requests under way.
    private static let retention: Duration = .seconds(3600)
}
