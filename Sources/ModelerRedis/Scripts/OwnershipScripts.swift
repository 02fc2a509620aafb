import HiredisClient
import Modeler

/// The scripts on what is known of an owner: one sorted set, and each script touches that one key.
///
/// | member | score |
/// |---|---|
/// | a model's id | its deadline in ms since 1970, or infinite: the owner has it |
/// | `+` and an id | until when the place is held: it is about to be the owner's |
/// | `!` and an id | as before: it was condemned and its removal isn't confirmed |
/// | `@` | minus the epoch |
///
/// An id begins with none of the marks' characters. Each script first drops what is past, by Redis's clock, and sets
/// the key's own deadline last. Each may run twice. The answer's first element is a word and the second the
/// operation's text, so that an answer that belongs to another call is noticed.
enum OwnershipScripts {
    /// ARGV: operation. Answers epoch and members.
    static let read = RedisScript(prelude + "return known('known')")

    /// ARGV: operation, id, limit (0 for none), how long to hold the place in ms, victims.
    static let reserve = RedisScript(
        prelude + """
            local id = ARGV[2]
            for index = 5, #ARGV do
              if ARGV[index] ~= id then condemn(ARGV[index]) end
            end
            if redis.call('ZSCORE', key, '!' .. id) then
              keep()
              return {'condemned', ARGV[1], '0', {}}
            end
            if not redis.call('ZSCORE', key, id) then
              local limit, taken = tonumber(ARGV[3]), 0
              if limit > 0 and not redis.call('ZSCORE', key, '+' .. id) then
                for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                  local mark = string.sub(member, 1, 1)
                  if mark ~= '!' and mark ~= '@' then taken = taken + 1 end
                end
                if taken >= limit then
                  keep()
                  return known('full')
                end
              end
              redis.call('ZADD', key, text(at + tonumber(ARGV[4])), '+' .. id)
            end
            keep()
            return known('reserved')
            """
    )

    /// ARGV: operation, id, epoch, deadline or an empty text, whether it must have a place (0 or 1).
    static let own = RedisScript(
        prelude + """
            local id = ARGV[2]
            local reserved = redis.call('ZSCORE', key, '+' .. id)
            local has = reserved or redis.call('ZSCORE', key, id)
            if epoch() > tonumber(ARGV[3]) or redis.call('ZSCORE', key, '!' .. id) or (not has and ARGV[5] == '1') then
              keep()
              return {'revoked', ARGV[1], '0', {}}
            end
            if reserved then redis.call('ZREM', key, '+' .. id) end
            redis.call('ZADD', key, ARGV[4] == '' and '+inf' or ARGV[4], id)
            keep()
            return {'owned', ARGV[1], '0', {}}
            """
    )

    /// ARGV: operation, whether the epoch moves (0 or 1), the id that is spared or an empty text.
    static let condemn = RedisScript(
        prelude + """
            if ARGV[2] == '1' then redis.call('ZADD', key, text(-math.max(epoch() + 1, at)), '@') end
            for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
              local id = string.gsub(member, '^%+', '')
              if id ~= '@' and id ~= ARGV[3] and string.sub(id, 1, 1) ~= '!' then condemn(id) end
            end
            keep()
            return known('known')
            """
    )

    /// ARGV: operation, ids.
    static let withdraw = RedisScript(
        prelude + """
            for index = 2, #ARGV do
              redis.call('ZREM', key, ARGV[index], '+' .. ARGV[index], '!' .. ARGV[index])
            end
            keep()
            return {'known', ARGV[1], '0', {}}
            """
    )

    private static let prelude = """
        local key = KEYS[1]
        local time = redis.call('TIME')
        local at = time[1] * 1000 + math.floor(time[2] / 1000)
        local function text(number)
          return string.format('%.0f', number)
        end
        redis.call('ZREMRANGEBYSCORE', key, 0, text(at))
        local function epoch()
          return -tonumber(redis.call('ZSCORE', key, '@') or 0)
        end
        local function condemn(id)
          for _, member in ipairs({id, '+' .. id}) do
            local score = redis.call('ZSCORE', key, member)
            if score then
              redis.call('ZREM', key, member)
              redis.call('ZADD', key, score, '!' .. id)
            end
          end
        end
        local function keep()
          local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
          if not last then return end
          if last == 'inf' then
            redis.call('PERSIST', key)
            return
          end
          local epoch = epoch()
          local stop = math.max(tonumber(last), at) + \(OwnershipRetention.afterLast.wholeMilliseconds)
          if epoch > 0 then stop = math.max(stop, epoch + \(OwnershipRetention.ofEpoch.wholeMilliseconds)) end
          redis.call('PEXPIREAT', key, text(stop))
        end
        local function known(word)
          return {word, ARGV[1], text(epoch()), redis.call('ZRANGE', key, 0, -1)}
        end

        """
}
