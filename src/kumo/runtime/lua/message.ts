/** Messages and connections as handlers see them. Defines `R.new_message`, `R.new_conn`, `R.message_state`. */
export const messageLua = String.raw`
local R = ...
local states = setmetatable({}, { __mode = 'k' })
local Message = {}

local function address(email)
  local user, domain = email:match('^(.*)@([^@]*)$')
  -- Quotes are for the wire: the user of "a b"@x.test is a b
  local quoted = user and user:match '^"(.*)"$'
  local a = { user = quoted and (quoted:gsub('\\(.)', '%1')) or user or email, domain = domain or '', email = email }
  return setmetatable(a, { __tostring = function() return email end })
end
R.address = address
-- An envelope address (rfc5321/parser.rs, EnvelopeAddress::parse); empty is the null sender, the rest has to parse.
local function text_of(value)
  if type(value) == 'table' and value.email then return value.email end
  local text = tostring(value):gsub('^<(.*)>$', '%1')
  if text == '' or text:lower() == 'postmaster' then return text end
  local user, domain = text:match('^(.+)@([^@]+)$')
  local plain = user and user:find "^[%w!#$%%&'*+/=?^_\96{|}~.\128-\255-]+$" and not ('.' .. user .. '.'):find('..', 1, true)
  local quoted = user and user:find '^"[^\r\n]*"$'
  local named = domain and (domain:find '^[%w._\128-\255-]+$' or domain:find '^%[[%x.:IPv]+%]$')
  if not ((plain or quoted) and named) then error('invalid address: ' .. text, 3) end
  return text
end
R.envelope = text_of

local function strict(methods, what, prefix)
  return function(_, key)
    local f = methods[key]
    if f == nil then R.call('unknown_method', what, prefix .. tostring(key)) end
    return f
  end
end
local message_mt = { __opaque = 'message', __name = 'message', __index = strict(Message, 'a message', 'msg:') }

-- Methods that newer releases brought are checked against the target when they are called.
local checked = setmetatable({}, { __newindex = function(_, name, f)
  local full = 'msg:' .. name
  Message[name] = function(self, ...)
    if not R.checked then R.call('method', full) end
    if not states[self] then error('bad self: ' .. full .. ' is called on something that is no message', 2) end
    return f(states[self], ...)
  end
end })
local M = checked

function R.new_message(spec)
  local msg = setmetatable({}, message_mt)
  states[msg] = {
    sender = spec.sender, recipients = spec.recipients, headers = spec.headers or {}, body = spec.body or '',
    meta = spec.meta or {}, signatures = {}, attempts = spec.attempts or 0, id = spec.id or '0123456789abcdef0123456789abcdef',
  }
  return msg
end
function R.message_state(msg) return states[msg] end

function M.id(s) return s.id end
function M.sender(s) return address(s.sender) end
function M.recipient(s)
  if #s.recipients == 0 then return nil end
  if #s.recipients == 1 then return address(s.recipients[1]) end
  local list = {}
  for i, r in ipairs(s.recipients) do list[i] = address(r) end
  return list
end
function M.recipient_list(s)
  local list = {}
  for i, r in ipairs(s.recipients) do list[i] = address(r) end
  return list
end
function M.set_sender(s, a) s.sender = text_of(a) end
function M.set_recipient(s, a)
  if type(a) == 'table' and not a.email then
    local list = {}
    for i, r in ipairs(a) do list[i] = text_of(r) end
    s.recipients = list
  else
    s.recipients = { text_of(a) }
  end
end

function M.get_meta(s, key) return s.meta[key] end
function M.set_meta(s, key, value) s.meta[key] = value end
function M.num_attempts(s) return s.attempts end
function M.increment_num_attempts(s) s.attempts = s.attempts + 1 end
function M.queue_name(s) return R.queue_name(s) end

local function same(a, b) return a:lower() == tostring(b):lower() end
local function first(s, name)
  for _, h in ipairs(s.headers) do
    if same(h[1], name) then return h[2] end
  end
end
R.first_header = first
local function remove(s, wanted)
  local kept = {}
  for _, h in ipairs(s.headers) do
    if not wanted(h[1]) then kept[#kept + 1] = h end
  end
  s.headers = kept
end
function M.get_first_named_header_value(s, name) return first(s, name) end
function M.get_all_named_header_values(s, name)
  local list = {}
  for _, h in ipairs(s.headers) do
    if same(h[1], name) then list[#list + 1] = h[2] end
  end
  return list
end
function M.get_all_headers(s)
  local list = {}
  for i, h in ipairs(s.headers) do list[i] = { h[1], h[2] } end
  return list
end
function M.prepend_header(s, name, value) table.insert(s.headers, 1, { tostring(name), tostring(value) }) end
function M.append_header(s, name, value) table.insert(s.headers, { tostring(name), tostring(value) }) end
function M.remove_all_named_headers(s, name) remove(s, function(n) return same(n, name) end) end
local function in_list(names)
  return function(n)
    if not names or #names == 0 then return n:sub(1, 2):lower() == 'x-' end
    for _, name in ipairs(names) do
      if same(n, name) then return true end
    end
    return false
  end
end
function M.remove_x_headers(s, names) remove(s, in_list(names)) end
function M.import_x_headers(s, names)
  local wanted = in_list(names)
  for _, h in ipairs(s.headers) do
    if wanted(h[1]) then s.meta[h[1]:lower():gsub('-', '_')] = h[2] end
  end
end

local function parse_address(value)
  if not value then return nil end
  local name, email = value:match('^%s*(.-)%s*<([^<>]*)>')
  if not email then email = value:match('^%s*([^%s,;<>]+)') end
  if not email then return nil end
  local a = address(email)
  a.name = name and name ~= '' and (name:gsub('^"(.*)"$', '%1')) or nil
  a.list = { { name = a.name, address = email } }
  return a
end
function M.from_header(s) return parse_address(first(s, 'From')) end
function M.to_header(s) return parse_address(first(s, 'To')) end
function M.get_address_header(s, name) return parse_address(first(s, name)) end

function M.get_data(s)
  local lines = {}
  for i, h in ipairs(s.headers) do lines[i] = h[1] .. ': ' .. h[2] .. '\r\n' end
  return table.concat(lines) .. '\r\n' .. s.body
end
function M.set_data(s, data)
  local head, body = (data .. ''):match('^(.-)\r?\n\r?\n(.*)$')
  s.headers, s.body = {}, body or ''
  for name, value in ((head or data) .. '\n'):gmatch('([^:\n]+):%s*([^\r\n]*)\r?\n') do
    s.headers[#s.headers + 1] = { name, value }
  end
end
function M.append_text_plain(s, text) s.body = s.body .. text end
function M.append_text_html(s, text) s.body = s.body .. text end

function M.set_scheduling(s, spec)
  R.call('scheduling', spec)
  s.scheduling = spec
end
function M.import_scheduling_header(s, name, drop)
  local value = first(s, name)
  if not value then return end
  s.scheduling = R.call('parse_json', value)
  if drop then remove(s, function(n) return same(n, name) end) end
end
function M.set_due(s, due)
  if R.context == 'requeue_message' then R.call('set_due_ignored') end
  s.due = due
end

function M.dkim_sign(s, signer)
  local p = type(signer) == 'table' and R.signer_params(signer)
  if not p then error('msg:dkim_sign needs a signer of kumo.dkim', 3) end
  if R.checked then p.place = R.place() end
  table.insert(s.signatures, p)
  local value = 'v=1; a=' .. p.algo .. '; d=' .. tostring(p.domain) .. '; s=' .. tostring(p.selector)
  table.insert(s.headers, 1, { 'DKIM-Signature', value })
end
function M.check_fix_conformance(s, checks, fixes) s.conformance = { checks = checks, fixes = fixes } end

-- Reports are told by their content type; that is all the relay rules need.
local function is_report(s, kind)
  local content = first(s, 'Content-Type')
  return content and content:lower():find('report%-type="?' .. kind) and {} or nil
end
-- The parser of bounces fails over every multipart/report without a part for the delivery status.
function M.parse_rfc3464(s)
  local content = (first(s, 'Content-Type') or ''):lower()
  if content:find '^multipart/report' and not is_report(s, 'delivery%-status') then error('delivery-status part missing', 0) end
  if s.body:find '^broken' then error('cannot read the report', 0) end
  return is_report(s, 'delivery%-status')
end
function M.parse_rfc5965(s)
  local report = is_report(s, 'feedback%-report')
  if report and s.body:find '^broken' then error('cannot read the report', 0) end
  return report
end

-- What checks find is given with the message: there is no DNS here.
function R.finding(method, result) return { method = method, result = result, props = {} } end
function M.dkim_verify(s)
  local list = {}
  for i, result in ipairs((R.checks or {}).dkim or {}) do list[i] = R.finding('dkim', result) end
  return list
end
function M.add_authentication_results(s, server, results)
  local parts = { tostring(server) }
  for _, found in ipairs(results) do parts[#parts + 1] = found.method .. '=' .. found.result end
  table.insert(s.headers, 1, { 'Authentication-Results', table.concat(parts, '; ') })
end

for _, name in ipairs { 'save', 'set_force_sync', 'shrink', 'shrink_data', 'arc_seal' } do
  M[name] = function() end
end
for _, name in ipairs { 'arc_verify', 'parse_mime', 'import_headers' } do
  M[name] = function() return R.outside('msg:' .. name) end
end

function R.queue_name(s)
  if s.meta.queue then return s.meta.queue end
  local recipient = s.recipients[1] or ''
  local domain = address(recipient).domain:lower()
  local m = s.meta
  local name = (m.campaign and (m.campaign .. ':') or '')
  if m.tenant then name = name .. m.tenant .. '@' elseif m.campaign then name = name .. '@' end
  return name .. domain .. (m.routing_domain and ('!' .. m.routing_domain) or '')
end

local Conn = {}
function Conn.get_meta(self, key) return states[self].meta[key] end
function Conn.set_meta(self, key, value) states[self].meta[key] = value end
local conn_mt = { __opaque = 'connection', __name = 'conn_meta', __index = strict(Conn, 'a connection', 'conn_meta:') }
function R.new_conn(meta)
  local conn = setmetatable({}, conn_mt)
  states[conn] = { meta = meta }
  return conn
end
function R.conn_meta(conn) return states[conn].meta end
`;
