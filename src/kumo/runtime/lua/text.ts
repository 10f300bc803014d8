/** `kumo.regex` and `kumo.string`. */
export const textLua = `
local R = ...
local defined = R.defined
local regex_methods = {}
for _, name in ipairs { 'captures', 'is_match', 'find', 'find_all', 'replace', 'replace_all', 'replacen', 'split' } do
  regex_methods[name] = function(self, ...) return R.call('regex', name, rawget(self, 1), ...) end
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
`;
