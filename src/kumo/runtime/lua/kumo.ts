/** The modules `kumo` and `tsa`: what has behaviour of its own; everything else becomes a checked call of the host. */
export const kumoLua = `
local R, names, outside = ...
local REJECT = { __tostring = function(e) return 'kumo.reject: ' .. e.code .. ' ' .. e.message end, __opaque = 'rejection' }
R.REJECT = REJECT

-- A missing name of a module is reported once it is read, with the name that was probably meant.
local function guarded(prefix)
  return setmetatable({}, { __opaque = 'module', __index = function(_, key)
    return R.call('unknown_function', prefix .. '.' .. tostring(key))
  end })
end
local modules = {}
local function module_of(path)
  if not modules[path] then
    modules[path] = guarded(path)
    local parent, leaf = path:match('^(.*)%.([^.]+)$')
    if parent then rawset(module_of(parent), leaf, modules[path]) end
  end
  return modules[path]
end
local kumo = module_of('kumo')
R.loaded.kumo = kumo
for _, name in ipairs { 'proxy', 'redis', 'sqlite', 'tsa' } do R.loaded[name] = module_of(name) end
local function define(full, f)
  local path, leaf = full:match('^(.*)%.([^.]+)$')
  rawset(module_of(path), leaf, f)
end
-- Defined with the host's check of release, arguments and place before it.
local function defined(full, f)
  define(full, function(...)
    if not R.checked then R.call('function', full, select('#', ...)) end
    return f(...)
  end)
end

local made = setmetatable({}, { __mode = 'k' })
function R.kind_of(t) return made[t] end
R.defined = defined
local function construct(full, kind)
  define(full, function(params)
    local checked = R.checked and params or R.call('struct', full, params)
    local object = setmetatable({}, { __name = kind, __index = checked, __pairs = function() return next, checked, nil end })
    made[object] = { kind = kind, params = params or {} }
    return object
  end)
end
function R.signer_params(signer)
  local m = made[signer]
  if not m or not m.kind:find('signer', 1, true) then return nil end
  local p = {}
  for k, v in pairs(m.params) do p[k] = v end
  p.algo = m.kind == 'ed25519_signer' and 'ed25519-sha256' or 'rsa-sha256'
  return p
end

for _, full in ipairs(names) do
  local leaf = full:match('([^.]+)$')
  if leaf:sub(1, 5) == 'make_' or leaf:find('_signer$') then construct(full, leaf)
  else define(full, function(...) return R.call('plain', full, ...) end) end
end
define('kumo.version', '2026.06.23')
for _, full in ipairs(outside) do
  define(full, function(...)
    R.call('function', full, select('#', ...))
    return R.outside(full)
  end)
end

function R.register(name, f, owner)
  if type(f) ~= 'function' then error("bad argument #2 to 'on' (function expected)", 3) end
  local list = R.handlers[name] or {}
  local verdict = R.call('on', name, #list, #list > 0 and list[1].place or '')
  if verdict then
    list[#list + 1] = { f = f, owner = owner, place = R.place() or owner or '' }
    R.handlers[name] = list
  end
end
define('kumo.on', function(name, f) R.register(name, f) end)

define('kumo.reject', function(code, message)
  R.call('function', 'kumo.reject', message == nil and 1 or 2)
  error(setmetatable({ code = code, message = tostring(message) }, REJECT), 0)
end)
define('kumo.disconnect', function(code, message)
  R.call('function', 'kumo.disconnect', 2)
  error(setmetatable({ code = code, message = tostring(message) }, REJECT), 0)
end)
define('kumo.memoize', function(f, options)
  R.call('memoize', type(f), options)
  return f
end)

-- Runs the handlers of an event in order; the first that returns anything ends the search.
function R.fire(name, ...)
  local outer = R.context
  for _, handler in ipairs(R.handlers[name] or {}) do
    R.context = name
    local result = table.pack(pcall(handler.f, ...))
    R.context = outer
    if not result[1] then error(result[2], 0) end
    if result.n > 1 then
      R.answered = handler.place
      if name == 'get_queue_config' and result[2] == nil then R.call('returned_nil', name, handler.place) end
      return table.unpack(result, 2, result.n)
    end
  end
end
function R.params_of(object)
  local m = type(object) == 'table' and made[object]
  return m and m.params or nil
end
local function invoke(event, ...)
  local object = R.fire(event, ...)
  if object == nil or object == R.unknown then return nil end
  local params = R.params_of(object)
  if not params then error('Event ' .. event .. ' did not return an object of its kumo.make_ function', 0) end
  return params
end
R.invoke = invoke
defined('kumo.invoke_get_egress_path_config', function(...) return invoke('get_egress_path_config', ...) end)
defined('kumo.invoke_get_egress_source', function(name) return invoke('get_egress_source', name) end)
defined('kumo.invoke_get_egress_pool', function(name) return invoke('get_egress_pool', name) end)
defined('kumo.invoke_get_queue_config', function(name)
  local q = R.call('split_queue', name)
  return invoke('get_queue_config', q.domain, q.tenant, q.campaign, q.routing_domain)
end)

for _, prefix in ipairs { 'kumo.', 'kumo.serde.' } do
  for _, form in ipairs { 'json', 'toml' } do
    defined(prefix .. form .. '_load', function(path)
      local data = R.call('load_data', path, form)
      if data == nil then R.guessing = true return R.unknown end
      return data
    end)
    defined(prefix .. form .. '_parse', function(text) return R.call('parse_' .. form, text) end)
    for _, style in ipairs { '_encode', '_encode_pretty' } do
      defined(prefix .. form .. style, function(value) return R.call('encode_' .. form, value) end)
    end
  end
end


defined('kumo.make_message', function(sender, recipient, data)
  local msg = R.new_message { sender = R.envelope(sender), recipients = { R.envelope(recipient) } }
  msg:set_data(data or '')
  return msg
end)
-- Nothing for other records, for bounces outside SMTP, and for the null sender (crates/kumo-log-types/src/rfc3464.rs).
defined('kumo.generate_rfc3464_message', function(params, msg, record)
  local bounced = record.type == 'Bounce' and params.enable_bounce and record.delivery_protocol == 'ESMTP'
  local expired = record.type == 'Expiration' and params.enable_expiration
  if record.sender == '' or not (bounced or expired) then return nil end
  local from = 'Mail Delivery Subsystem <mailer-daemon@' .. params.reporting_mta.name .. '>'
  local headers = { { 'Subject', 'Returned mail' }, { 'To', record.sender }, { 'From', from } }
  local parts = { FullContent = 'message/rfc822', HeadersOnly = 'text/rfc822-headers', No = '' }
  return R.new_message { sender = '', recipients = { record.sender }, headers = headers, body = parts[params.include_original_message] }
end)
-- What goes into the queues besides the message at hand.
R.injected = {}
defined('kumo.inject_message', function(msg) table.insert(R.injected, msg) end)
defined('kumo.fs.open', R.open_file)
defined('kumo.make_throttle', function(name, spec)
  R.call('throttle', name, spec)
  local t = {}
  function t.throttle() return { throttled = false } end
  function t.sleep_if_throttled() end
  function t.delay_message_if_throttled() return false end
  function t.explain() return tostring(spec) end
  return t
end)
defined('kumo.spf.check_host', function(domain, conn, sender)
  local found = R.finding('spf', domain ~= '' and (R.checks or {}).spf or 'none')
  found.props = { ['smtp.mailfrom'] = sender, ['smtp.helo'] = not sender and domain or nil }
  return { disposition = found.result, result = found }
end)

-- Rolling counters: no time passes here.
local counters = {}
function R.forget() counters = {} end
defined('kumo.counter_series.define', function(spec)
  R.call('counter', spec)
  local counter = counters[spec.name]
  if not counter then
    local count = spec.initial_value or 0
    counter = setmetatable({}, { __opaque = 'counter', __index = {
      increment = function(_, by) count = count + by end,
      sum = function() return count end,
    } })
    counters[spec.name] = counter
  end
  return counter
end)
defined('kumo.dns.lookup_mx', function(domain)
  R.looked = true
  return R.call('lookup_mx', domain) or R.outside 'kumo.dns.lookup_mx'
end)
defined('kumo.glob', function(pattern) return R.call('glob', pattern) end)
defined('kumo.uncached_glob', function(pattern) return R.call('glob', pattern) end)
defined('kumo.read_dir', function(path) return R.call('read_dir', path) end)
defined('kumo.eval_config_monitor_globs', function() return R.call('monitored') end)
defined('kumo.get_event_registrars', function(name)
  local list = {}
  for i, handler in ipairs(R.handlers[name] or {}) do list[i] = { handler.place } end
  return list
end)

-- A handle on merged shaping files.
function R.shaping(id)
  local s = {}
  function s.get_egress_path_config(_, domain, source, site) return R.call('shaping_path', id, domain, source, site) end
  function s.get_errors() return {} end
  function s.get_warnings() return {} end
  function s.get_referenced_sources() return R.call('shaping_sources', id) end
  function s.match_rules() return {} end
  function s.hash() return 'shaping-' .. id end
  return setmetatable({}, { __opaque = 'shaping', __index = s })
end
defined('kumo.shaping.load', function(files, options) return R.shaping(R.call('shaping_load', files, options)) end)
`;
