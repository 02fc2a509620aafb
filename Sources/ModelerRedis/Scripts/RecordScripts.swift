package import HiredisClient

/// The scripts that write records. Each touches one key, decides by Redis's clock alone, and is applied whole.
///
/// Each answers an array whose first two elements are a word and the operation's text, so that an answer that belongs
/// to another call is noticed. Times in answers are milliseconds since 1970; 0 stands for no limit.
package enum RecordScripts {
    /// ARGV: operation, whether this is another try (0 or 1), id, idle, absolute, then a stored name and `1:` with the JSON for each field.
    static let insert = RedisScript(
        prelude + """
            local found = redis.call('HMGET', KEYS[1], '@', '@ops')
            if found[1] then
              local at = now()
              local record = read(found[1])
              local applied = record and applied_at(record, found[2] or '', ARGV[1])
              if applied then return {'replayed', ARGV[1], at, redis.call('HGETALL', KEYS[1]), applied} end
              return {'exists', ARGV[1], at, redis.call('HGETALL', KEYS[1])}
            end
            if redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable', ARGV[1]} end
            local at = now()
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

    /// ARGV: operation, whether this is another try, base revision, renewal (k, t or r), idle, absolute, expected revision or an empty text,
    /// the number of expected fields, their stored names, the revisions they should have, and then the operations,
    /// each a letter, a stored name and what the letter needs: s JSON, d, i amount, a JSON maximum, x JSON.
    ///
    /// - Parameter maximumBytes: The most that a model may have after a change by which it grows.
    package static func commit(maximumBytes: Int) -> RedisScript {
        RedisScript(
            prelude + arrays + sizes + commitBody.replacing("MAXIMUM", with: String(maximumBytes))
        )
    }

    private static let commitBody = """
        local expected = tonumber(ARGV[8])
        local found = redis.call('HMGET', KEYS[1], '@', '@ops', unpack(ARGV, 9, 8 + expected))
        if not found[1] then
          if redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable', ARGV[1]} end
          return {'gone', ARGV[1]}
        end
        local record = read(found[1])
        if not record then return {'unreadable', ARGV[1]} end
        local at = now()
        local ops = found[2] or ''
        local applied = applied_at(record, ops, ARGV[1])
        if applied then return {'replayed', ARGV[1], at, redis.call('HGETALL', KEYS[1]), applied} end
        if ARGV[2] == '1' and #ops >= 192 and record.revision - 32 > tonumber(ARGV[3]) then
          return {'forgotten', ARGV[1]}
        end
        local holds = ARGV[7] == '' or tonumber(ARGV[7]) == record.revision
        for index = 1, expected do
          local want, value = ARGV[8 + expected + index], found[2 + index]
          if value then
            holds = holds and string.sub(value, 1, #want + 1) == want .. ':'
          else
            holds = holds and want == '0'
          end
        end
        if not holds then return {'conflict', ARGV[1], at, redis.call('HGETALL', KEYS[1])} end

        local position = 9 + 2 * expected
        local writes = position <= #ARGV
        local revision = record.revision + 1
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
            local before, after = count(sets, removes)
            if after > MAXIMUM and after > before then return {'tooLarge', ARGV[1], after} end
            record.size = math.ceil(after / 1024)
          end
        end
        if ARGV[4] == 'r' then
          record.idle, record.absolute = tonumber(ARGV[5]), tonumber(ARGV[6])
        end
        if ARGV[4] ~= 'k' then renew(record, at) end
        if writes then
          if at - record.updated > 60000 then ops = '' end
          record.revision, record.updated = revision, math.max(record.updated, at)
          sets[#sets + 1] = '@ops'
          sets[#sets + 1] = string.sub(ops, -186) .. ARGV[1]
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

    /// ARGV: operation, renewal (t or r), idle, absolute.
    static let touch = RedisScript(
        prelude + """
            local found = redis.call('HGET', KEYS[1], '@')
            if not found then
              if redis.call('EXISTS', KEYS[1]) == 1 then return {'unreadable', ARGV[1]} end
              return {'gone', ARGV[1]}
            end
            local record = read(found)
            if not record then return {'unreadable', ARGV[1]} end
            local at = now()
            if ARGV[2] == 'r' then record.idle, record.absolute = tonumber(ARGV[3]), tonumber(ARGV[4]) end
            renew(record, at)
            redis.call('HSET', KEYS[1], '@', text(record))
            set_deadline(record)
            return committed(record, at)
            """
    )

    /// ARGV: operation. Tells those who wait for the model's end; a user who may not publish may still remove.
    static let remove = RedisScript(
        """
        local removed = redis.call('DEL', KEYS[1])
        if removed == 1 then redis.pcall('PUBLISH', KEYS[1], 'removed') end
        return {'removed', ARGV[1], removed}
        """
    )

    private static let prelude = """
        local function now()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local function read(meta)
          local version, revision, created, updated, idle, absolute, expires, size =
            string.match(meta, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
          if version ~= '1' then return nil end
          created = tonumber(created)
          expires = tonumber(expires)
          return {revision = tonumber(revision), created = created, updated = created + updated, idle = tonumber(idle),
            absolute = tonumber(absolute), expires = expires > 0 and created + expires or 0, size = tonumber(size)}
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
          record.expires = expires
        end
        local function set_deadline(record)
          if record.expires > 0 then
            redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', record.expires))
          else
            redis.call('PERSIST', KEYS[1])
          end
        end
        local function applied_at(record, ops, operation)
          local first = string.find(ops, operation, 1, true)
          while first do
            if first % 6 == 1 then return record.revision - (#ops - first - 5) / 6 end
            first = string.find(ops, operation, first + 1, true)
          end
          return nil
        end
        local function committed(record, at)
          return {'committed', ARGV[1], record.revision, record.created, record.updated, record.idle, record.absolute,
            record.expires, at}
        end

        """

    /// What a model has in bytes before and after a change, the record's own fields left out and 16 more for each field,
    /// of which a revision takes at least 2.
    private static let sizes = """
        local function count(sets, removes)
          local changed, before, after = {}, 0, 0
          for index = 1, #removes do changed[removes[index]] = true end
          for index = 1, #sets, 2 do
            changed[sets[index]] = true
            after = after + #sets[index] + #sets[index + 1] + 14
          end
          local names = redis.call('HKEYS', KEYS[1])
          for index = 1, #names do
            local name = names[index]
            if name ~= '@' and name ~= '@id' and name ~= '@ops' then
              local bytes = #name + redis.call('HSTRLEN', KEYS[1], name) + 14
              before = before + bytes
              if not changed[name] then after = after + bytes end
            end
          end
          return before, after
        end

        """

    /// Appends to the text of a JSON array without decoding its elements, and drops the first ones beyond a maximum.
    private static let arrays = """
        local function append(array, value, maximum)
          local body = string.match(array, '^%[(.*)%]$')
          if not body then return nil end
          if string.find(body, '^%s*$') then body = '' end
          if maximum <= 0 then return '[]' end
          local starts, depth, position = {1}, 0, 1
          if body == '' then starts = {} end
          while true do
            local at, _, mark = string.find(body, '([%[%]{}",])', position)
            if not at then break end
            position = at + 1
            if mark == '"' then
              while true do
                local stop, _, escape = string.find(body, '(["\\\\])', position)
                position = stop + 1
                if escape == '"' then break end
                position = position + 1
              end
            elseif mark == '[' or mark == '{' then
              depth = depth + 1
            elseif mark == ']' or mark == '}' then
              depth = depth - 1
            elseif depth == 0 then
              starts[#starts + 1] = position
            end
          end
          if #starts >= maximum then
            local keep = starts[#starts - maximum + 2]
            body = keep and string.sub(body, keep) or ''
          end
          if body == '' then return '[' .. value .. ']' end
          return '[' .. body .. ',' .. value .. ']'
        end

        """
}
