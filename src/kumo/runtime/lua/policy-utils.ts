/** `policy-extras.policy_utils`, after its documented behaviour. */
export const policyUtilsLua = `
local R = ...
local kumo = R.loaded.kumo
local utils = {}
R.loaded['policy-extras.policy_utils'] = utils
function utils.merge_into(from, to) for k, v in pairs(from or {}) do to[k] = v end end
function utils.recursive_merge_into(from, to)
  for k, v in pairs(from or {}) do
    if type(v) == 'table' and to[k] then utils.recursive_merge_into(v, to[k]) else to[k] = v end
  end
end
function utils.table_contains(t, wanted)
  for _, v in pairs(t) do if wanted ~= nil and v == wanted then return true end end
  return false
end
function utils.table_keys(t) local list = {} for k in pairs(t) do list[#list + 1] = k end return list end
function utils.table_is_empty(t) return next(t) == nil end
function utils.starts_with(s, part) return s:sub(1, #part) == part end
function utils.ends_with(s, part) return s:sub(-#part) == part end
function utils.split_ip_port(text)
  local ip, port = text:match '^(.*):(%d+)$'
  return ip and ip:match '^%[(.*)%]$' or ip, port
end
function utils.load_json_or_toml_file(file)
  if type(file) == 'table' then return file end
  return file:match '%.toml$' and kumo.toml_load(file) or kumo.json_load(file)
end
function utils.equals(a, b)
  if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
  for k, v in pairs(a) do if not utils.equals(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end
function utils.assert_eq(a, b) if not utils.equals(a, b) then error('assertion failed: ' .. tostring(a) .. ' is not ' .. tostring(b), 2) end end
function utils.assert_ne(a, b) if utils.equals(a, b) then error('assertion failed: both are ' .. tostring(a), 2) end end
function utils.assert_matches(a, pattern) if not tostring(a):find(pattern) then error('assertion failed: ' .. tostring(a) .. ' does not match', 2) end end
function utils.dumps(value) return value ~= nil and R.encode(value) or nil end
`;
