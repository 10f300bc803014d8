/** `kumo.regex`, `kumo.string`, and maps by network, domain or expression. */
export const textLua = `
local R = ...
local defined = R.defined
local regex_methods = {}
R.tried = {}
-- Notes that a pattern is held against the recipient's domain: other domains may fare otherwise.
function R.look(text)
  if R.watched and tostring(text):lower():find(R.watched, 1, true) then R.looked = true end
end
for _, name in ipairs { 'captures', 'is_match', 'find', 'find_all', 'replace', 'replace_all', 'replacen', 'split' } do
  regex_methods[name] = function(self, ...)
    R.look((...))
    return R.call('regex', name, rawget(self, 1), ...)
  end
end
-- As though the reply fitted the expressions that R.fits names.
local is_match = regex_methods.is_match
function regex_methods.is_match(self, text)
  if R.fits and R.fits[rawget(self, 1)] then return true end
  if not R.checked then return is_match(self, text) end
  -- The same replies are tried again for every queue.
  R.look(text)
  local known = R.tried[rawget(self, 1)]
  if known and known.text == text then return known.answer end
  local answer = is_match(self, text)
  R.tried[rawget(self, 1)] = { text = text, answer = answer }
  return answer
end
function regex_methods.captures(self, text)
  local found = R.call('regex', 'captures', rawget(self, 1), text)
  if not found then return nil end
  local groups = {}
  for key, value in pairs(found) do groups[math.tointeger(tonumber(key)) or key] = value end
  return groups
end
defined('kumo.regex.compile', function(pattern)
  R.call('regex', 'compile', pattern)
  return setmetatable({ pattern }, { __opaque = 'regex', __index = regex_methods })
end)
defined('kumo.regex.escape', function(text) return R.call('regex', 'escape', text) end)
for _, name in ipairs { 'replace', 'replacen', 'split', 'splitn', 'rsplit', 'rsplitn', 'starts_with', 'ends_with', 'trim', 'trim_start', 'trim_end', 'split_whitespace', 'split_ascii_whitespace' } do
  defined('kumo.string.' .. name, function(...) return R.call('text', name, ...) end)
end

-- Answers of all maps together that are remembered: beyond this many, all are forgotten.
local MOST_FOUND, found_so_far, generation = 50000, 0, 0
local function indexed(kind)
  return function(entries)
    local store, id, found, age = {}, nil, {}, -1
    for key, value in pairs(entries or {}) do store[key] = value end
    R.call(kind .. '_check', store)
    local function find(key)
      if age ~= generation then found, age = {}, generation end
      local hit = found[key]
      if hit ~= nil then return hit end
      id = id or R.call('map_keys', kind, R.keys(store))
      if kind == 'regex_map' then R.look(key) end
    hit = R.call('map_find', id, key)
      if hit == nil then hit = false end
      found_so_far = found_so_far + 1
      if found_so_far > MOST_FOUND then found_so_far, generation = 0, generation + 1 end
      found[key] = hit
      return hit
    end
    return setmetatable({}, {
      __opaque = kind,
      __index = function(_, key)
        local hit = find(tostring(key))
        if hit then return store[hit] end
      end,
      __newindex = function(_, key, value)
        if store[key] == nil or value == nil then id, found = nil, {} end
        store[key] = value
      end,
    })
  end
end
function R.keys(t)
  local list = {}
  for key in pairs(t) do list[#list + 1] = tostring(key) end
  return list
end
defined('kumo.cidr.make_map', indexed('cidr_map'))
defined('kumo.domain_map.new', indexed('domain_map'))
defined('kumo.regex_set_map.new', indexed('regex_map'))
`;
