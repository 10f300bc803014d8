/** The globals a policy sees: plain Lua 5.4 without the disk, processes and bytecode. */
export const sandboxLua = String.raw`
local R = ...
local env = {}
for _, name in ipairs { 'assert', 'error', 'getmetatable', 'ipairs', 'next', 'pairs', 'pcall', 'rawequal', 'rawget', 'rawlen', 'rawset', 'select', 'tonumber', 'tostring', 'type', '_VERSION' } do
  env[name] = _G[name]
end
env._G = env
for _, name in ipairs { 'math', 'string', 'table', 'utf8' } do env[name] = _G[name] end
env.print = function() end
env.collectgarbage = function(what) return what == 'count' and 0 or 0 end
math.randomseed(42)

-- Finalizers run with hooks switched off, so nothing could end a loop in one.
env.setmetatable = function(t, mt)
  if type(mt) == 'table' and rawget(mt, '__gc') ~= nil then R.call('refused', '__gc') rawset(mt, '__gc', nil) end
  return setmetatable(t, mt)
end

-- Lua would run the handler inside the hook that raised the error, where no hook fires; so it runs afterwards.
env.xpcall = function(f, handler, ...)
  local result = table.pack(pcall(f, ...))
  if result[1] then return table.unpack(result, 1, result.n) end
  return false, handler(result[2])
end

local real_load, find = load, string.find
local function load_text(text, name) return real_load(text, name, 't', env) end
R.load_text, R.env = load_text, env
env.load = function(chunk, name, _, scope)
  if type(chunk) == 'function' then
    local parts = {}
    for part in chunk do
      if part == '' then break end
      parts[#parts + 1] = part
    end
    chunk = table.concat(parts)
  end
  -- Lua takes a name up to its first NUL; nobody else's code may be called what the model's own is.
  if type(name) ~= 'string' or name == R.own or find(name, '\0', 1, true) then name = '=load' end
  return real_load(chunk, name, 't', scope or env)
end

-- Stands for a value that the model does not know: it gives itself to whatever is done with it, and takes part in
-- nothing. Loops over it end at once.
local unknown = {}
local function itself() return unknown end
local function no() return false end
local unknown_mt = {
  __name = 'unknown value', __opaque = 'unknown value', __newindex = function() end,
  __index = function(_, key) if type(key) ~= 'number' then return unknown end end,
  __call = function(_, ...)
    -- A generic 'for' asks with two values, and nil in both.
    if select('#', ...) == 2 and (...) == nil and select(2, ...) == nil then return nil end
    return unknown
  end,
  __pairs = function() return function() end end, __len = function() return 0 end,
  __tostring = function() return 'unknown' end, __concat = function() return 'unknown' end, __lt = no, __le = no,
}
for _, name in ipairs { 'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'idiv', 'band', 'bor', 'bxor', 'bnot', 'shl', 'shr' } do unknown_mt['__' .. name] = itself end
R.unknown = setmetatable(unknown, unknown_mt)
-- What follows from an unknown value is a guess, so errors after it are none of the policy's.
R.guessing = false
function R.outside(name)
  R.guessing = true
  R.call('not_modelled', name)
  return unknown
end

local function outside(what)
  return function()
    R.guessing = true
    R.call('refused', what)
    return unknown
  end
end
local function refuse(what)
  return function()
    R.guessing = true
    R.call('refused', what)
    error(setmetatable({ message = what .. ' is not run here' }, R.KNOWN), 2)
  end
end
env.os = {
  clock = os.clock, date = os.date, difftime = os.difftime, time = os.time,
  getenv = outside 'os.getenv',
}
for _, name in ipairs { 'execute', 'remove', 'rename', 'setlocale', 'tmpname' } do env.os[name] = outside('os.' .. name) end
env.os.exit = refuse 'os.exit'
env.io = { write = function() return unknown end, stdout = unknown, stderr = unknown }
for _, name in ipairs { 'close', 'input', 'lines', 'open', 'output', 'popen', 'read', 'tmpfile' } do env.io[name] = outside('io.' .. name) end
env.debug = { traceback = debug.traceback }

local create = coroutine.create
env.coroutine = {}
for name, f in pairs(coroutine) do env.coroutine[name] = f end
-- Closing runs the policy's code with hooks off when a hook ended the coroutine.
env.coroutine.close = refuse('coroutine.close')
env.coroutine.create = function(f) return R.guard(create(f)) end
env.coroutine.wrap = function(f)
  local co = R.guard(create(f))
  return function(...)
    local result = table.pack(coroutine.resume(co, ...))
    if not result[1] then error(result[2], 0) end
    return table.unpack(result, 2, result.n)
  end
end

-- A fixed clock makes runs repeatable; the host hands over seconds, or nothing for the real time.
function R.set_clock(now)
  if not now then return end
  env.os.time = function(t) if t then return os.time(t) end return now end
  env.os.date = function(format, t) return os.date(format, t or now) end
end

local loaded, preload = {}, {}
env.package = { loaded = loaded, preload = preload, path = R.call('package_path'), cpath = '', config = '/\n;\n?\n!\n-\n' }
R.loaded = loaded
for _, name in ipairs { 'math', 'string', 'table', 'utf8', 'os', 'io', 'coroutine', 'debug' } do loaded[name] = env[name] end
loaded._G = env

-- Text of a file of the tree, compiled; errors name it as the tree does.
function R.compile(path, quiet)
  local text, name = R.call(quiet and 'find_lua' or 'read_lua', path), nil
  if not text then return nil end
  local chunk, err = load_text(text.text, '@' .. text.path)
  if not chunk then error(err, 0) end
  return chunk
end
-- Compiles without running; what is no Lua becomes a finding.
function R.try_compile(path)
  local ok, err = pcall(R.compile, path, true)
  if not ok then R.call('not_lua', tostring(err)) end
end
env.dofile = function(path) return (assert(R.compile(path), 'cannot open ' .. tostring(path)))() end
env.loadfile = function(path)
  local ok, chunk = pcall(R.compile, path)
  if ok and chunk then return chunk end
  return nil, tostring(chunk or ('cannot open ' .. tostring(path)))
end

env.require = function(name)
  if type(name) ~= 'string' then error("bad argument #1 to 'require' (string expected)", 2) end
  if loaded[name] ~= nil then return loaded[name] end
  local loader, extra = preload[name], ':preload:'
  if not loader then
    local file = name:gsub('%.', '/')
    for template in tostring(env.package.path):gmatch('[^;]+') do
      local path = template:gsub('%?', (file:gsub('%%', '%%%%')))
      loader, extra = R.compile(path, true), path
      if loader then break end
    end
  end
  if not loader then
    if R.call('module_missing', name, tostring(env.package.path)) then
      R.guessing = true
      loaded[name] = setmetatable({}, { __index = function(_, key)
        return function() return R.outside(name .. '.' .. tostring(key)) end
      end })
      return loaded[name]
    end
    error(setmetatable({ message = "module '" .. name .. "' not found" }, R.KNOWN), 2)
  end
  loaded[name] = true
  local result = loader(name, extra)
  if result ~= nil then loaded[name] = result end
  return loaded[name]
end

-- What kumo.fs.open gives for a file of the tree.
function R.open_file(path)
  local text = R.call('read_file', path) or error('failed to open ' .. tostring(path), 3)
  return { read = function() return text end, close = function() end }
end
`;
