/** Many messages of few clients, without what `ops.message` checks and tells: for comparisons of every pair. */
export const journeyLua = `
local R = ...
local ops = R.ops

-- A client whose messages are asked about again and again; its table stays here.
local clients = {}
function ops.client(spec)
  clients[#clients + 1] = spec
  return { id = #clients }
end

-- The state of a message without what handlers of requeue_message may have left in it.
local function restored(state, kept)
  for key in pairs(state) do state[key] = nil end
  for key, value in pairs(kept) do state[key] = value end
  state.meta = {}
  for key, value in pairs(kept.meta) do state.meta[key] = value end
end

-- One message of a client: what reception makes of it, and when it is tried again after 0, 1, ... attempts. Reception
-- happens once; what it calls was checked against the release when the tree was.
function ops.journey(spec)
  local client = clients[spec.client]
  local own = setmetatable({ recipients = { spec.recipient }, headers = spec.headers }, { __index = client })
  R.checks, R.injected, R.checked, R.fits = nil, {}, true, spec.fits
  R.looked, R.watched = false, spec.recipient:match '[^@]*$':lower()
  local msg, rejected = R.receive(own)
  client.relayed = rawget(own, 'relayed')
  local answer, first = R.describe_message(msg), {}
  answer.rejected, answer.first = rejected, first
  answer.headers, answer.body = nil, nil
  answer.looked = R.looked
  if rejected or not R.handlers.requeue_message then return answer end
  local state, kept, meta = R.message_state(msg), {}, {}
  for key, value in pairs(state) do kept[key] = value end
  for key, value in pairs(state.meta) do meta[key] = value end
  kept.meta, kept.scheduling, answer.meta = meta, nil, meta
  for attempt = 0, spec.attempts - 1 do
    restored(state, kept)
    state.attempts = attempt
    R.requeue({ gathered = {}, modern = spec.modern, response = spec.response, context = {}, increment = true }, msg)
    first[attempt + 1] = state.scheduling and state.scheduling.first_attempt or false
  end
  answer.looked = R.looked
  return answer
end

-- The helper that answers for paths when nothing of the policy's own stands before it.
function ops.path_helper()
  local handlers = R.handlers.get_egress_path_config or {}
  return { id = #handlers == 1 and R.path_helpers[handlers[1].f] or nil }
end

function ops.handler_place(spec)
  local handler = (R.handlers[spec.event] or {})[1]
  return { place = handler and handler.place }
end

-- Whether the queue helper and what other helpers put before it are all that answers for queues.
function ops.queue_helpers()
  for _, handler in ipairs(R.handlers.get_queue_config or {}) do
    if not handler.owner then return { own = false } end
  end
  return { own = R.handlers.get_queue_config ~= nil }
end
`;
