/** Loading of a policy, and what its handlers resolve. Defines `R.ops`, which the session adds to, and `R.attempt`. */
export const loadLua = `
local R = ...
local ops = {}
R.ops = ops

-- One outcome for everything a handler can do: a result, a rejection, or an error the host turns into a finding.
local function attempt(f, ...)
  local result = table.pack(pcall(f, ...))
  if result[1] then return { ok = true, values = result } end
  local e = result[2]
  if type(e) == 'table' and getmetatable(e) == R.REJECT then
    return { rejected = { code = e.code, message = e.message } }
  end
  local known = e == R.LIMIT or (type(e) == 'table' and getmetatable(e) == R.KNOWN)
  R.call('uncaught', tostring(e), e == R.LIMIT, known and e ~= R.LIMIT, R.guessing)
  return { rejected = { code = 421, message = '4.3.0 technical difficulties' } }
end

function ops.load(spec)
  R.set_clock(spec.now)
  local outcome = attempt(function() return assert(R.compile(spec.entry), 'there is no ' .. spec.entry)() end)
  R.context = 'idle'
  if not outcome.ok and R.guessing then R.call('stopped') end
  for _, event in ipairs(spec.events) do
    for _, handler in ipairs(R.handlers[event] or {}) do
      R.context = event
      local done = attempt(handler.f)
      R.context = 'idle'
      if done.rejected and event == 'tsa_load_shaping_data' then break end
    end
  end
  R.guessed_at_load = R.guessing
  local order = {}
  for i, handler in ipairs(R.handlers.get_queue_config or {}) do order[i] = { owner = handler.owner or '', place = handler.place } end
  return { loaded = outcome.ok == true, queue_handlers = order }
end

function ops.compile(spec) R.try_compile(spec.path) return {} end

-- Resolves through the handlers of the policy; nil when no handler answers.
local function resolved(event, ...)
  local outcome = attempt(R.invoke, event, ...)
  if outcome.rejected then return { failed = true } end
  return { params = outcome.values[2], place = R.answered }
end
function ops.queue(spec) return resolved('get_queue_config', spec.domain, spec.tenant, spec.campaign, spec.routing_domain) end
function ops.path(spec) return resolved('get_egress_path_config', spec.domain, spec.source, spec.site) end
function ops.pool(spec) return resolved('get_egress_pool', spec.name) end
function ops.source(spec) return resolved('get_egress_source', spec.name) end
R.attempt = attempt
`;
