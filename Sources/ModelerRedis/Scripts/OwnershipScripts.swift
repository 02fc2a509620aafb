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
/// An id begins with none of the marks' characters. Each script that writes first drops what is past, by Redis's clock,
/// and sets the key's own deadline last. Each may run twice. An answer is a word, the operation's text, so that an
/// answer that belongs to another call is noticed, the epoch, a cursor, and members with their scores.
///
/// No script looks at many more than ``width`` members; where most are condemned, ``reserve`` counts past ten times as
/// many. A set that has more is gone through with ZSCAN, one page for each call, from the cursor that the answer before
/// gave: `0` when all is told.
enum OwnershipScripts {
    /// The members that a script looks at.
    static let width = 1000

    /// ARGV: operation, cursor or an empty text for the beginning. Answers epoch and members. Writes nothing, so that a
    /// server that takes no writes answers it.
    static let read = RedisScript(prelude + "return known('known', ARGV[2])")

    /// ARGV: operation, id, limit (0 for none), how long to hold the place in ms, victims.
    static let reserve = RedisScript(
        prelude + writing + """
            local id = ARGV[2]
            for index = 5, #ARGV do
              if ARGV[index] ~= id then condemn(ARGV[index]) end
            end
            if score('!' .. id) then
              keep()
              return {'condemned', ARGV[1], '0', '0', {}}
            end
            if not score(id) then
              local limit = tonumber(ARGV[3])
              if limit > 0 and not score('+' .. id) and redis.call('ZCARD', key) >= limit then
                local taken, first = 0, 0
                while taken < limit do
                  local page = redis.call('ZRANGEBYSCORE', key, '(' .. text(at), '+inf', 'LIMIT', first, width)
                  for _, member in ipairs(page) do
                    if string.sub(member, 1, 1) ~= '!' then taken = taken + 1 end
                  end
                  if #page < width then break end
                  first = first + width
                  -- So many condemned ones are to be removed first.
                  if first >= limit + 10 * width then taken = limit end
                end
                if taken >= limit then
                  keep()
                  return known('full', '')
                end
              end
              redis.call('ZADD', key, text(at + tonumber(ARGV[4])), '+' .. id)
            end
            keep()
            return known('reserved', '')
            """
    )

    /// ARGV: operation, id, epoch, deadline or an empty text, whether it must have a place (0 or 1).
    static let own = RedisScript(
        prelude + writing + """
            local id = ARGV[2]
            local reserved = score('+' .. id)
            local has = reserved or score(id)
            local epoch = epoch()
            local word = 'owned'
            if score('!' .. id) or (not has and ARGV[5] == '1') then
              word = 'revoked'
            elseif epoch > tonumber(ARGV[3]) then
              if not reserved or ARGV[5] == '1' then word = 'revoked' end
            else
              if not has and epoch == 0 and redis.call('EXISTS', key) == 0 then word = 'restored' end
              if reserved then redis.call('ZREM', key, '+' .. id) end
              redis.call('ZADD', key, ARGV[4] == '' and '+inf' or ARGV[4], id)
            end
            keep()
            return {word, ARGV[1], '0', '0', {}}
            """
    )

    /// Condemns members. ARGV: operation, whether the epoch moves (0 or 1), the id that is spared or an empty text, how
    /// long its place is held for the new epoch in ms or an empty text, the epoch that its record names, and the
    /// cursor, an empty text for the first call, which alone moves the epoch. Answers the members only where that call
    /// has condemned all.
    static let condemn = RedisScript(
        prelude + writing + """
            local spared, cursor = ARGV[3], ARGV[6]
            local isFirst = cursor == ''
            if isFirst and ARGV[4] ~= '' then
              if score('!' .. spared) or (epoch() > tonumber(ARGV[5]) and not score('+' .. spared)) then
                keep()
                return {'revoked', ARGV[1], '0', '0', {}}
              end
              redis.call('ZREM', key, spared)
              redis.call('ZADD', key, text(at + tonumber(ARGV[4])), '+' .. spared)
            end
            if isFirst and ARGV[2] == '1' then redis.call('ZADD', key, text(-math.max(epoch() + 1, at)), '@') end
            local page
            if isFirst and redis.call('ZCARD', key) <= width then
              page = {'0', redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')}
            else
              page = redis.call('ZSCAN', key, isFirst and '0' or cursor, 'COUNT', width)
              isFirst = false
            end
            local members, marks = {}, {}
            for index = 1, #page[2], 2 do
              local member = page[2][index]
              local mark = string.sub(member, 1, 1)
              local id = mark == '+' and string.sub(member, 2) or member
              if mark ~= '@' and mark ~= '!' and id ~= spared then
                members[#members + 1] = member
                marks[#marks + 1] = page[2][index + 1]
                marks[#marks + 1] = '!' .. id
              end
            end
            for first = 1, #members, width do
              local last = math.min(first + width - 1, #members)
              redis.call('ZREM', key, unpack(members, first, last))
              redis.call('ZADD', key, unpack(marks, 2 * first - 1, 2 * last))
            end
            keep()
            if isFirst then return known('known', '') end
            return {'known', ARGV[1], text(epoch()), page[1], {}}
            """
    )

    /// ARGV: operation, ids.
    static let withdraw = RedisScript(
        prelude + writing + """
            for index = 2, #ARGV do
              redis.call('ZREM', key, ARGV[index], '+' .. ARGV[index], '!' .. ARGV[index])
            end
            keep()
            return {'known', ARGV[1], '0', '0', {}}
            """
    )

    /// Moves the epoch on to one that the owner had before, where it has an earlier one. ARGV: the epoch.
    static let restoreEpoch = RedisScript(
        prelude + writing + """
            local wanted = tonumber(ARGV[1])
            if wanted > epoch() then redis.call('ZADD', key, text(-wanted), '@') end
            keep()
            return 'OK'
            """
    )

    static let all = [read, reserve, own, condemn, withdraw, restoreEpoch]

    private static let prelude = """
        local key, width = KEYS[1], \(width)
        local time = redis.call('TIME')
        local at = time[1] * 1000 + math.floor(time[2] / 1000)
        local function text(number)
          return string.format('%.0f', number)
        end
        local function isPast(score)
          return score ~= 'inf' and tonumber(score) <= at
        end
        local function score(member)
          local score = redis.call('ZSCORE', key, member)
          return score and not isPast(score) and score
        end
        local function epoch()
          return -tonumber(redis.call('ZSCORE', key, '@') or 0)
        end
        local function known(word, cursor)
          if cursor == '' and redis.call('ZCARD', key) <= width then
            local members = redis.call('ZRANGEBYSCORE', key, '(' .. text(at), '+inf', 'WITHSCORES')
            return {word, ARGV[1], text(epoch()), '0', members}
          end
          local page = redis.call('ZSCAN', key, cursor == '' and '0' or cursor, 'COUNT', width)
          local members = {}
          for index = 1, #page[2], 2 do
            if not isPast(page[2][index + 1]) then
              members[#members + 1] = page[2][index]
              members[#members + 1] = page[2][index + 1]
            end
          end
          return {word, ARGV[1], text(epoch()), page[1], members}
        end

        """

    private static let writing = """
        local past = redis.call('ZRANGEBYSCORE', key, 0, text(at), 'LIMIT', 0, width)
        if #past > 0 then redis.call('ZREM', key, unpack(past)) end
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

        """
}
