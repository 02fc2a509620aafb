package import HiredisClient
import Modeler

/// The scripts that write records. Each touches one key, decides by Redis's clock alone, and is applied whole.
///
/// Each answers an array whose first two elements are a word and the operation's text, so that an answer that belongs
/// to another call is noticed. Times in answers are milliseconds since 1970; 0 stands for no limit.
package enum RecordScripts {
    /// ARGV: operation, whether it was asked before (0 or 1), id, idle, absolute, then a stored name and `1:` with the
    /// JSON for each field.
    static let insert = RedisScript(
        prelude + """
            local found = redis.call('HMGET', KEYS[1], '@', '@ops')
            local at = now()
            if found[1] then
              local record = read(found[1])
              if not record then return refuse(found[1]) end
              if record.expires == 0 or record.expires > at then
                if ARGV[2] == '1' then
                  local ops = found[2] or ''
                  \(lookUp)
                  if applied == 1 then return {'replayed', ARGV[1], at, redis.call('HGETALL', KEYS[1]), 1} end
                  if record.revision > kept then return {'forgotten', ARGV[1]} end
                end
                return {'exists', ARGV[1], at, redis.call('HGETALL', KEYS[1])}
              end
              redis.call('DEL', KEYS[1])
            elseif redis.call('EXISTS', KEYS[1]) == 1 then
              return {'unreadable', ARGV[1]}
            end
            local bytes = 0
            for index = 6, #ARGV do bytes = bytes + #ARGV[index] + 8 end
            local record = {revision = 1, created = at, updated = at, idle = tonumber(ARGV[4]), absolute = tonumber(ARGV[5]),
              size = math.ceil(bytes / 1024)}
            renew(record, at)
            redis.call('HSET', KEYS[1], '@', text(record), '@id', ARGV[3], '@ops', ARGV[1])
            for first = 6, #ARGV, 1000 do
              redis.call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + 999, #ARGV)))
            end
            set_deadline(record)
            return committed(record, at)
            """
    )

    /// ARGV: operation, whether it was asked before, base revision, renewal (k, t or r), idle, absolute, expected
    /// revision or an empty text, the number of expected fields, their stored names, the revisions they should have,
    /// and then the operations, each a letter, a stored name and what the letter needs: s JSON, d, i amount, a JSON
    /// maximum, x JSON.
    ///
    /// - Parameter maximumBytes: The most that a model may have after a change by which it grows.
    package static func commit(maximumBytes: Int) -> RedisScript {
        RedisScript(
            prelude + ScriptParts.arrays + ScriptParts.sizes
                + commitBody.replacing("MAXIMUM", with: String(maximumBytes)).replacing("KEPT", with: keptBytes)
        )
    }

    private static let commitBody = """
        local expected = tonumber(ARGV[8])
        local found = redis.call('HMGET', KEYS[1], '@', '@ops', unpack(ARGV, 9, 8 + expected))
        local record = found[1] and read(found[1])
        if not record then return refuse(found[1]) end
        local at = now()
        if record.expires > 0 and record.expires <= at then
          redis.call('DEL', KEYS[1])
          return {'gone', ARGV[1]}
        end
        local position = 9 + 2 * expected
        local writes = position <= #ARGV
        local ops = found[2] or ''
        if ARGV[2] == '1' then
          \(lookUp)
          if applied then return {'replayed', ARGV[1], at, redis.call('HGETALL', KEYS[1]), applied} end
          if writes and record.revision - kept > tonumber(ARGV[3]) then return {'forgotten', ARGV[1]} end
        end
        \(check(found: 2, revision: 7))
        if not holds then return {'conflict', ARGV[1], at, redis.call('HGETALL', KEYS[1])} end

        local revision = record.revision + 1
        if revision > largest then return {'unreadable', ARGV[1]} end
        local mark = string.format('%.0f:', revision)
        local sets, removes, results = {}, {}, {}
        local grown = 0
        while position <= #ARGV do
          local letter, name = ARGV[position], ARGV[position + 1]
          if letter == 's' then
            sets[#sets + 1] = name
            sets[#sets + 1] = mark .. ARGV[position + 2]
            grown = grown + #name + #ARGV[position + 2] + 16
            position = position + 3
          elseif letter == 'd' then
            removes[#removes + 1] = name
            position = position + 2
          else
            local stored = redis.call('HGET', KEYS[1], name)
            local value = stored and string.sub(stored, string.find(stored, ':', 1, true) + 1)
            local result
            if letter == 'i' then
              if value and not string.find(value, '^%-?%d+$') then return {'refused', ARGV[1], 'integer', name} end
              local sum = tonumber(value or 0) + tonumber(ARGV[position + 2])
              if math.abs(tonumber(value or 0)) > 9007199254740991 or math.abs(sum) > 9007199254740991 then
                return {'refused', ARGV[1], 'range', name}
              end
              result = string.format('%.0f', sum)
              position = position + 3
            elseif letter == 'a' then
              result = append(value or '[]', ARGV[position + 2], tonumber(ARGV[position + 3]))
              if not result then return {'refused', ARGV[1], 'array', name} end
              position = position + 4
            else
              result = value or ARGV[position + 2]
              position = position + 3
            end
            if letter == 'x' and value then
              results[#results + 1] = stored
            else
              results[#results + 1] = mark .. result
              sets[#sets + 1] = name
              sets[#sets + 1] = mark .. result
              grown = grown + math.max(0, #result - #(value or '')) + (value and 0 or #name + 16)
            end
          end
        end

        if grown > 0 then
          record.size = record.size + math.ceil(grown / 1024)
          if record.size * 1024 > MAXIMUM then
            local before, after = count(sets, removes, mark, false)
            if after > MAXIMUM then before, after = count(sets, removes, mark, true) end
            if after > MAXIMUM and after > before then return {'tooLarge', ARGV[1], after} end
            record.size = math.ceil(after / 1024)
          end
        end
        if ARGV[4] == 'r' then
          record.idle, record.absolute = tonumber(ARGV[5]), tonumber(ARGV[6])
        end
        if ARGV[4] ~= 'k' then renew(record, at) end
        if writes then
          record.revision, record.updated = revision, math.max(record.updated, at)
          sets[#sets + 1] = '@ops'
          sets[#sets + 1] = string.sub(ops, -KEPT) .. ARGV[1]
        end
        sets[#sets + 1] = '@'
        sets[#sets + 1] = text(record)
        for first = 1, #sets, 1000 do
          redis.call('HSET', KEYS[1], unpack(sets, first, math.min(first + 999, #sets)))
        end
        for first = 1, #removes, 1000 do
          redis.call('HDEL', KEYS[1], unpack(removes, first, math.min(first + 999, #removes)))
        end
        if ARGV[4] ~= 'k' then set_deadline(record) end
        local answer = committed(record, at)
        for index = 1, #results do
          answer[9 + index] = results[index]
        end
        return answer
        """

    /// ARGV: operation, expected revision or an empty text, the number of expected fields, their stored names, and the
    /// revisions they should have. What expects nothing removes whatever is there. Tells those who wait for the model's
    /// end; a user who may not publish may still remove.
    static let remove = RedisScript(
        prelude + """
            local expected = tonumber(ARGV[3])
            local at = now()
            local isExpired = false
            if ARGV[2] == '' and expected == 0 then
              local found = redis.pcall('HGET', KEYS[1], '@')
              local record = type(found) == 'string' and read(found)
              isExpired = record and record.expires > 0 and record.expires <= at
            else
              local found = redis.call('HMGET', KEYS[1], '@', unpack(ARGV, 4, 3 + expected))
              local record = found[1] and read(found[1])
              if not record then return refuse(found[1]) end
              isExpired = record.expires > 0 and record.expires <= at
              \(check(found: 1, revision: 2))
              if not isExpired and not holds then
                return {'conflict', ARGV[1], at, redis.call('HGETALL', KEYS[1])}
              end
            end
            if redis.call('DEL', KEYS[1]) == 0 or isExpired then return {'gone', ARGV[1]} end
            redis.pcall('PUBLISH', KEYS[1], 'removed')
            return {'removed', ARGV[1]}
            """
    )

    /// Removes a record that lacks a write: one of an earlier revision, or that has a field of those written as it was
    /// before. ARGV: the write's revision, when the record was created in ms since 1970, and stored names of fields. A
    /// record of the same id that was made at another time stays.
    static let removeWithout = RedisScript(
        """
        local meta = redis.call('HGET', KEYS[1], '@')
        if not meta then return 'OK' end
        local version, revision, created = string.match(meta, '^(%d+) (%d+) (%d+) ')
        if version ~= '1' or created ~= ARGV[2] then return 'OK' end
        local wanted = tonumber(ARGV[1])
        local lacks = tonumber(revision) < wanted
        for index = 3, #ARGV do
          local value = redis.call('HGET', KEYS[1], ARGV[index])
          local writer = value and string.match(value, '^(%d+):')
          if writer and tonumber(writer) < wanted then lacks = true end
        end
        if lacks then
          redis.call('DEL', KEYS[1])
          redis.pcall('PUBLISH', KEYS[1], 'removed')
        end
        return 'OK'
        """
    )

    /// The bytes that a write leaves of the operations before it.
    private static var keptBytes: String { String((OperationLog.capacity - 1) * OperationID.textLength) }

    /// Sets `holds` to whether what is expected holds of `record` and of the fields in `found` after a position. ARGV
    /// has the expected revision at another position, then the number of fields, their names, and their revisions.
    private static func check(found: Int, revision: Int) -> String {
        """
        local holds = ARGV[\(revision)] == '' or tonumber(ARGV[\(revision)]) == record.revision
        for index = 1, expected do
          local want, value = ARGV[\(revision + 1) + expected + index], found[\(found) + index]
          if value then
            holds = holds and string.sub(value, 1, #want + 1) == want .. ':'
          else
            holds = holds and want == '0'
          end
        end
        """
    }

    /// Sets `applied` to the revision that the operation wrote, if it is among the `kept` last ones in `ops`.
    private static let lookUp = """
        local kept, applied = math.floor(#ops / 6), nil
        for index = 1, kept do
          if string.sub(ops, 6 * index - 5, 6 * index) == ARGV[1] then applied = record.revision - (kept - index) end
        end
        """

    /// Numbers are whole and at most 2^53 - 1, all of which Lua has exactly; a record with others is unreadable.
    private static let prelude = """
        local largest = 9007199254740991
        local function now()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local function read(meta)
          local version, revision, created, updated, idle, absolute, expires, size =
            string.match(meta, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
          if version ~= '1' then return nil end
          revision, created, size = tonumber(revision), tonumber(created), tonumber(size)
          updated, expires = created + updated, tonumber(expires)
          if expires > 0 then expires = created + expires end
          idle, absolute = tonumber(idle), tonumber(absolute)
          if revision < 1 or revision > largest or updated > largest or expires > largest or idle > largest or absolute > largest
            or size > largest then
            return nil
          end
          return {revision = revision, created = created, updated = updated, idle = idle, absolute = absolute,
            expires = expires, size = size}
        end
        local function refuse(meta)
          if meta then
            local version = tonumber(string.match(meta, '^(%d+) ') or 0)
            return {version > 1 and version <= largest and 'newer' or 'unreadable', ARGV[1]}
          end
          if redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable', ARGV[1]} end
          -- A server that takes no writes refuses this: it can't know.
          redis.call('DEL', KEYS[1])
          return {'gone', ARGV[1]}
        end
        local function text(record)
          return string.format('1 %.0f %.0f %.0f %.0f %.0f %.0f %.0f', record.revision, record.created,
            record.updated - record.created, record.idle, record.absolute,
            record.expires > 0 and math.max(1, record.expires - record.created) or 0, record.size)
        end
        local function renew(record, at)
          local expires = 0
          if record.idle > 0 then expires = at + record.idle end
          if record.absolute > 0 then
            local last = record.created + record.absolute
            if expires == 0 or last < expires then expires = last end
          end
          record.expires = math.min(expires, largest)
        end
        local function set_deadline(record)
          if record.expires > 0 then
            redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', record.expires))
          else
            redis.call('PERSIST', KEYS[1])
          end
        end
        local function committed(record, at)
          return {'committed', ARGV[1], record.revision, record.created, record.updated, record.idle, record.absolute,
            record.expires, at}
        end

        """
}
