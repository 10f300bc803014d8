/** What the host asks of a loaded policy: load it, resolve, take a message through reception, requeue it. */
export const sessionLua = `
local R = ...
local ops, attempt = R.ops, R.attempt

local function authenticate(conn, spec)
  local outcome = attempt(R.fire, 'smtp_server_auth_plain', spec.authz, spec.user, spec.password, conn)
  if outcome.rejected then return outcome end
  if #(R.handlers.smtp_server_auth_plain or {}) == 0 then return { rejected = { code = 535, message = '5.7.8 AUTH invalid' } } end
  local answer = outcome.values[2]
  if answer == R.unknown then answer = true end
  if type(answer) ~= 'boolean' and type(answer) ~= 'table' then
    if not R.guessing then R.call('bad_auth_answer', type(answer)) end
    return { rejected = { code = 421, message = '4.3.0 technical difficulties' } }
  end
  if not answer then return { rejected = { code = 535, message = '5.7.8 AUTH invalid' } } end
  conn:set_meta('authz_id', spec.authz)
  conn:set_meta('authn_id', spec.user)
  return { ok = true }
end
function ops.auth(spec)
  local outcome = authenticate(R.new_conn(spec.meta), spec)
  return { accepted = outcome.rejected == nil }
end

-- The relay rule: peer in relay_hosts, or the sender's entry, or the recipient's entry (smtp_server.rs, check_relaying).
local function relay_rule(conn, spec, sender, recipient)
  local function entry(email)
    local object = R.fire('get_listener_domain', R.call('envelope_domain', R.address(email).domain), spec.listener, conn)
    if object == nil then return {} end
    return R.params_of(object) or error('get_listener_domain did not return kumo.make_listener_domain{}', 0)
  end
  local from, to = entry(sender), entry(recipient)
  if spec.relayed == nil then spec.relayed = R.call('in_cidrs', spec.peer, spec.relay_hosts) end
  local relay = spec.relayed or from.relay_from and R.call('in_cidrs', spec.peer, from.relay_from) or to.relay_to == true
  local function logs(value) return value ~= nil and value ~= false and value ~= 'Ignore' end
  return { relay = relay, arf = logs(to.log_arf) and to.log_arf, oob = logs(to.log_oob) and to.log_oob }
end
local function kept(disposition) return disposition == true or disposition == 'LogThenRelay' end

-- What a client is offered after STARTTLS.
local function own_extensions() return { 'PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8', 'AUTH PLAIN' } end
function ops.ehlo(spec)
  local outcome = attempt(R.fire, 'smtp_server_ehlo', spec.ehlo, R.new_conn(spec.meta), own_extensions())
  return { extensions = outcome.values and outcome.values[2] or own_extensions() }
end

-- A reply on its way to the client; an error of the handler leaves it as it was.
local function reply(conn, refused)
  local ok, status, text = pcall(R.fire, 'smtp_server_rewrite_response', refused.code, refused.message, nil, conn)
  if not ok then return refused end
  return { code = status or refused.code, message = text or refused.message }
end

local function smtp(spec)
  local conn = R.new_conn(spec.meta)
  local sender, steps = R.address(spec.sender), {}
  local msg
  local function step(f, ...)
    local outcome = attempt(f, ...)
    if outcome.rejected then error(outcome, 0) end
    return outcome.values and outcome.values[2]
  end
  local ok, refused = pcall(function()
    step(R.fire, 'smtp_server_connection_accepted', conn)
    step(R.fire, 'smtp_server_ehlo', spec.ehlo, conn, own_extensions())
    if spec.auth then
      local outcome = authenticate(conn, spec.auth)
      if outcome.rejected then error(outcome, 0) end
    end
    step(R.fire, 'smtp_server_mail_from', sender, conn)
    for _, recipient in ipairs(spec.recipients) do
      local rule = step(relay_rule, conn, spec, spec.sender, recipient)
      if not (rule.relay or rule.arf or rule.oob) then
        error({ rejected = { code = 550, message = '5.7.1 relaying not permitted for ' .. spec.meta.received_from } }, 0)
      end
      step(R.fire, 'smtp_server_rcpt_to', R.address(recipient), conn)
    end
    local meta = {}
    for k, v in pairs(R.conn_meta(conn)) do meta[k] = v end
    msg = R.new_message { sender = spec.sender, recipients = spec.recipients, headers = spec.headers, body = spec.body, meta = meta, attempts = spec.attempts }
    step(R.fire, 'smtp_server_data', msg, conn)
    if spec.received then msg:prepend_header('Received', spec.received .. ' id ' .. msg:id()) end
    step(R.fire, 'smtp_server_message_received', msg, conn)
    local s = R.message_state(msg)
    local rule = step(relay_rule, conn, spec, s.sender, s.recipients[1] or '')
    local function parsed(method)
      local readable, report = pcall(msg[method], msg)
      return readable and report
    end
    local arf, oob = parsed 'parse_rfc5965', parsed 'parse_rfc3464'
    if rule.arf and arf then steps.report, rule.relay = 'arf', kept(rule.arf)
    elseif rule.oob and oob then steps.report, rule.relay = 'oob', kept(rule.oob) end
    steps.relay = rule.relay
    if not rule.relay and not steps.report and s.meta.queue ~= 'null' then
      error({ rejected = { code = 550, message = '5.7.1 relaying not permitted' } }, 0)
    end
  end)
  if ok then return msg, nil, steps end
  if type(refused) == 'table' and refused.rejected then return msg, reply(conn, refused.rejected), steps end
  R.call('uncaught', tostring(refused), refused == R.LIMIT, false, R.guessing)
  return msg, { code = 421, message = '4.3.0 technical difficulties' }, steps
end

local function http(spec)
  local meta = { reception_protocol = 'HTTP', received_from = spec.peer }
  local msg = R.new_message { sender = spec.sender, recipients = spec.recipients, headers = spec.headers, body = spec.body, meta = meta, attempts = spec.attempts }
  local outcome = attempt(R.fire, 'http_message_generated', msg, {})
  return msg, outcome.rejected, { relay = true }
end

local function describe(msg)
  if not msg then return {} end
  local s = R.message_state(msg)
  return {
    sender = s.sender, recipients = s.recipients, headers = s.headers, body = s.body, meta = s.meta,
    signatures = s.signatures, scheduling = s.scheduling, queue = R.queue_name(s),
  }
end

-- What handlers have handed in besides.
local function copies()
  local list = {}
  for i, msg in ipairs(R.injected) do list[i] = { message = describe(msg), relayed = true } end
  return list
end
function ops.message(spec)
  if spec.fresh then R.forget() end
  R.checks, R.injected = spec.checks, {}
  local msg, rejected, steps = (spec.http and http or smtp)(spec)
  return { message = describe(msg), rejected = rejected, relayed = steps.relay, report = steps.report, copies = copies() }
end
local function requeue(spec, msg)
  local state = R.message_state(msg)
  state.scheduling = nil
  for key, value in pairs(spec.gathered) do state.meta[key] = value end
  return attempt(function()
    if not spec.modern then return R.fire('requeue_message', msg, spec.response) end
    return R.fire('requeue_message', msg, spec.response, spec.context, spec.increment, spec.delay)
  end)
end

function ops.requeue(spec)
  R.checks, R.injected = spec.checks, {}
  local msg, rejected = (spec.http and http or smtp)(spec)
  if rejected then return { message = describe(msg), rejected = rejected } end
  local outcome = requeue(spec, msg)
  return { message = describe(msg), rejected = outcome.rejected }
end

function ops.acl(spec)
  local outcome = attempt(R.fire, 'get_acl_definition', spec.resource)
  return { rules = outcome.values and R.params_of(outcome.values[2]) }
end

function ops.listener_domain(spec)
  local outcome = attempt(R.invoke, 'get_listener_domain', spec.domain, spec.listener, R.new_conn(spec.meta))
  return { params = outcome.values and outcome.values[2], failed = outcome.rejected ~= nil }
end

function ops.filter(spec)
  R.checks, R.injected = spec.checks, {}
  local msg = (spec.http and http or smtp)(spec)
  local outcome = attempt(R.fire, spec.event, msg)
  return { kept = outcome.values ~= nil and outcome.values[2] == true }
end

-- Hands a message to the sender of its queue where that is Lua; after a failed attempt when spec.response is given.
function ops.deliver(spec)
  R.checks, R.injected = spec.checks, {}
  local msg, rejected = (spec.http and http or smtp)(spec)
  if not rejected and spec.response then rejected = requeue(spec, msg).rejected end
  if rejected then return { message = describe(msg), rejected = rejected } end
  local name = R.call('split_queue', R.queue_name(R.message_state(msg)))
  local outcome = attempt(R.invoke, 'get_queue_config', name.domain, name.tenant, name.campaign, name.routing_domain)
  local config = outcome.values and outcome.values[2] or {}
  local lua = type(config.protocol) == 'table' and config.protocol.custom_lua
  if outcome.rejected or not lua then return { message = describe(msg), rejected = outcome.rejected } end
  outcome = attempt(function()
    local sender = R.fire(lua.constructor, name.domain, name.tenant, name.campaign)
    assert(type(sender) == 'table' and sender.send, lua.constructor .. ' made nothing that can send')
    return sender:send(msg)
  end)
  return { message = describe(msg), rejected = outcome.rejected, reply = outcome.values and tostring(outcome.values[2]) }
end

-- Takes a message through reception and then through the hooks of a log record; tells what they sent.
function ops.logged(spec)
  R.checks, R.injected = spec.checks, {}
  local msg, rejected = (spec.http and http or smtp)(spec)
  if rejected then return { sent = {} } end
  local state = R.message_state(msg)
  local record = { sender = state.sender, recipient = state.recipients }
  for key, value in pairs(spec.record) do record[key] = value end
  R.injected = {}
  for event in pairs(R.handlers) do
    if event:find('^log_disposition_') then attempt(R.fire, event, msg, record) end
  end
  return { sent = copies() }
end

function ops.rewrite(spec)
  local outcome = attempt(R.fire, 'smtp_client_rewrite_delivery_status', spec.response, spec.domain, spec.tenant, spec.campaign, spec.routing_domain)
  return { code = outcome.values and outcome.values[2] }
end

R.receive = function(spec) return (spec.http and http or smtp)(spec) end
R.describe_message, R.requeue = describe, requeue

return function(name, spec)
  R.guessing = R.guessed_at_load or false
  R.checked, R.fits, R.watched = false, nil, nil
  R.arm()
  local ok, result = pcall(function()
    local answer = ops[name](R.table(spec))
    if R.guessing then answer.guessed = true end
    return R.encode(answer)
  end)
  R.disarm()
  if ok then return result end
  R.call('uncaught', tostring(result), result == R.LIMIT, false, R.guessing)
  return '{}'
end
`;
