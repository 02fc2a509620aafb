/// Functions of the script that commits changes.
enum ScriptParts {
    /// The bytes of a model before and after a change, the record's own fields left out and 16 more for each field.
    ///
    /// What was written is counted without its revision. Of other fields only the length of value and revision together
    /// can be asked without reading them, so at first each revision counts as one digit, which is too much by the
    /// others; only where that is beyond the maximum they are read.
    static let sizes = """
        local function count(sets, removes, mark, isExact)
          local changed, before, after = {}, 0, 0
          for index = 1, #removes do changed[removes[index]] = true end
          for index = 1, #sets, 2 do
            changed[sets[index]] = true
            after = after + #sets[index] + #sets[index + 1] - #mark + 16
          end
          local names = redis.call('HKEYS', KEYS[1])
          for index = 1, #names do
            local name = names[index]
            if name ~= '@' and name ~= '@id' and name ~= '@ops' then
              local bytes = #name + 16
              if isExact then
                local value = redis.call('HGET', KEYS[1], name)
                bytes = bytes + #value - (string.find(value, ':', 1, true) or 0)
              else
                bytes = bytes + redis.call('HSTRLEN', KEYS[1], name) - 2
              end
              before = before + bytes
              if not changed[name] then after = after + bytes end
            end
          end
          return before, after
        end

        """

    /// Appends to the text of a JSON array without decoding its elements, and drops the first ones beyond a maximum.
    ///
    /// Elements are counted only where there may be too many: each takes a byte and a comma at least. Where there are
    /// only numbers, commas are counted.
    static let arrays = """
        local function append(array, value, maximum)
          local body = string.match(array, '^%[(.*)%]$')
          if not body then return nil end
          if maximum == 1 or string.find(body, '^%s*$') then return '[' .. value .. ']' end
          if (#body + 1) / 2 >= maximum then
            local function scan(body, skipped)
              local count, depth, position = 1, 0, 1
              while true do
                local at, _, mark = string.find(body, '([%[%]{}",])', position)
                if not at then return count end
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
                  if count == skipped then return position end
                  count = count + 1
                end
              end
            end
            local count
            if string.find(body, '"', 1, true) or string.find(body, '[', 1, true) or string.find(body, '{', 1, true) then
              count = scan(body)
            else
              count = select(2, string.gsub(body, '[^,]*,', '')) + 1
            end
            if count >= maximum then body = string.sub(body, scan(body, count - maximum + 1)) end
          end
          return '[' .. body .. ',' .. value .. ']'
        end

        """
}
