/**
 * Lua half of the bridge: values travel to the host as JSON, results come back as Lua values. Defines `R`, the table
 * the other chunks build on, and the guard that ends endless loops.
 *
 * Budget: instructions of one call from outside, and seconds for what costs time without instructions (the memory
 * limit makes Lua collect garbage again and again). Once it is spent the hook fires at every instruction, so that no
 * `pcall` of the policy can hold the error back for long.
 */
export const bridgeLua = String.raw`
local host, budget, seconds = ...
local sethook, getinfo, mathtype, load = debug.sethook, debug.getinfo, math.type, load
local own = getinfo(1, 'S').source
local R = { context = 'top', handlers = {} }

local LIMIT = setmetatable({}, { __tostring = function() return 'the policy takes too long: its budget of instructions is spent' end })
local spent, told = 0, false
local STEP = 1000
local clock, started = os.clock, 0
local function hook()
  spent = spent + STEP
  if spent < budget and clock() - started < seconds then return end
  spent = budget
  sethook(hook, '', 1)
  -- The model's own code goes on, so that it can report and clean up; it has no loops without end.
  if getinfo(2, 'S').source == own then return end
  if not told then
    told = true
    host('limit', '[]', R.place(), R.context)
  end
  error(LIMIT, 0)
end
R.LIMIT, R.own = LIMIT, own
function R.arm() spent, told, started = 0, false, clock(); sethook(hook, '', STEP) end
function R.disarm() sethook() end
function R.guard(co)
  if spent >= budget then sethook(co, hook, '', 1) else sethook(co, hook, '', STEP) end
  return co
end

-- The innermost line of the tree's own code: chunks of the tree are named @path, those of the model are not.
function R.place()
  for level = 2, 60 do
    local info = getinfo(level, 'Sl')
    if not info then return nil end
    if info.source:sub(1, 1) == '@' then return info.source:sub(2) .. ':' .. info.currentline end
  end
end

local escapes = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }
local function quote(s)
  return '"' .. s:gsub('[%c"\\\127]', function(c)
    return escapes[c] or string.format('\\u%04x', c:byte())
  end) .. '"'
end
local function opaque(kind) return '{"\\u0000opaque":' .. quote(kind) .. '}' end

local encode
-- A table that shares its parts is small and has no end when it is written out.
local MOST, written = 200000, 0
local function encode_table(v, depth)
  local mt = getmetatable(v)
  if type(mt) == 'table' and rawget(mt, '__opaque') then return opaque(mt.__opaque) end
  if depth > 40 then error('a table is nested too deeply, or holds itself', 0) end
  written = written + 1
  if written > MOST then error('a table is too large', 0) end
  local parts, count, length = {}, 0, #v
  for _ in next, v do count = count + 1 end
  if count == length then
    for i = 1, length do parts[i] = encode(v[i], depth + 1) end
    return '[' .. table.concat(parts, ',') .. ']'
  end
  for k, item in next, v do
    parts[#parts + 1] = quote(tostring(k)) .. ':' .. encode(item, depth + 1)
  end
  return '{' .. table.concat(parts, ',') .. '}'
end
function encode(v, depth)
  local t = type(v)
  if t == 'string' then return quote(v) end
  if t == 'boolean' then return tostring(v) end
  if t == 'nil' then return 'null' end
  if t == 'table' then return encode_table(v, depth) end
  if t ~= 'number' then return opaque(t) end
  if mathtype(v) == 'integer' then return string.format('%d', v) end
  if v ~= v or v == math.huge or v == -math.huge then return opaque('number that is not finite') end
  if v == math.floor(v) then return string.format('{"\\u0000float":%.0f}', v) end
  return string.format('%.17g', v)
end
local function encode_whole(v)
  written = 0
  return encode(v, 0)
end
R.encode = encode_whole

-- An error that the host has reported as a finding already.
local KNOWN = { __tostring = function(e) return e.message end }
R.KNOWN = KNOWN

-- A table that the host wrote as a Lua expression.
function R.table(text) return load('return ' .. text, '=host', 't', {})() end

-- Calls the host. Arguments: name, then up to any number of values.
function R.call(name, ...)
  local args = table.pack(...)
  local parts = {}
  for i = 1, args.n do parts[i] = encode_whole(args[i]) end
  local before = clock()
  local ok, value, extra = host(name, '[' .. table.concat(parts, ',') .. ']', R.place(), R.context)
  -- What the host does with large files is not the policy's time; counted in part, so that many such calls end, too.
  started = started + (clock() - before) * 5 / 6
  if ok then
    if extra then return R.table(value) end
    return value
  end
  if extra then error(setmetatable({ message = value }, KNOWN), 0) end
  local place = R.place()
  error(place and (place .. ': ' .. value) or value, 0)
end
return R
`;
