/** The helpers of `policy-extras`, after their documented behaviour. */
export const helpersLua = `
local R = ...
local kumo = R.loaded.kumo
local function helper(name)
  local mod = {}
  R.loaded['policy-extras.' .. name] = mod
  return mod
end
-- True for the first set-up of a helper; a second one is a finding, and then does nothing.
local configured = {}
local function once(name)
  if configured[name] then R.call('setup_twice', name) return false end
  configured[name] = true
  return true
end

local sources = helper 'sources'
function sources:setup(files)
  if not once 'sources' then return end
  R.call('sources_setup', files)
  local function made(call, make)
    return function(name)
      local params = R.call(call, name)
      if params == nil then error('there is no definition of ' .. tostring(name), 0) end
      return make(params)
    end
  end
  R.register('get_egress_source', made('source', kumo.make_egress_source), 'policy-extras/sources.lua')
  R.register('get_egress_pool', made('pool', kumo.make_egress_pool), 'policy-extras/sources.lua')
end

local dkim_sign = helper 'dkim_sign'
function dkim_sign:setup(files)
  if once 'dkim_sign' then R.call('dkim_setup', files) end
  return function(msg)
    local from = msg:from_header()
    if not from then
      kumo.reject(552, '5.6.0 DKIM signing requires a From header, but it is missing from this message')
    end
    for _, planned in ipairs(R.call('dkim_plan', from.domain)) do
      msg:dkim_sign(kumo.dkim[planned.signer](planned.params))
    end
  end
end

local listener_domains = helper 'listener_domains'
function listener_domains:setup(files)
  if once 'listener_domains' then R.call('listener_domains_setup', files) end
  return function(domain, listener, conn)
    local params = R.call('listener_domain', domain, listener, conn:get_meta 'received_from' or '', conn:get_meta 'authz_id')
    if params == nil then return nil end
    return kumo.make_listener_domain(params)
  end
end

local shaping = helper 'shaping'
-- Functions that answer for paths → number of the merged files they answer from.
R.path_helpers = {}
function shaping:setup(files)
  return self:setup_with_automation({ extra_files = files, publish = {}, subscribe = {} }).get_egress_path_config
end
function shaping:setup_with_automation(options)
  options = options or {}
  if not once 'shaping' then return shaping.CONFIGURED end
  local id = R.call('shaping_setup', options)
  local data = R.shaping(id)
  local result = {}
  function result.load_shaping_data() return data end
  function result.setup_publish() R.call('setup_publish', options) end
  function result.get_egress_path_config(domain, source, site, skip_make)
    local params = data:get_egress_path_config(domain, source, site)
    if not params.refresh_strategy then params.refresh_strategy = 'Epoch' end
    if skip_make then return params end
    return kumo.make_egress_path(params)
  end
  R.path_helpers[result.get_egress_path_config] = id
  local hooks = {}
  for _, url in ipairs(options.publish or {}) do
    local name = url .. '.tsa.kumomta'
    hooks[name] = 'make.' .. name
    R.register(hooks[name], function() return {} end, 'policy-extras/shaping.lua')
  end
  R.register('get_queue_config', function(domain)
    if not hooks[domain] then return end
    local params = { retry_interval = '1m', max_retry_interval = '20m' }
    for k, v in pairs(options.tsa_queue_config or {}) do params[k] = v end
    params.protocol = { custom_lua = { constructor = hooks[domain] } }
    return kumo.make_queue_config(params)
  end, 'policy-extras/shaping.lua')
  R.register('should_enqueue_log_record', function(msg, hook)
    if hooks[hook] then return false end
  end, 'policy-extras/shaping.lua')
  shaping.CONFIGURED = result
  return result
end

local queue = helper 'queue'
local provider_of = {}
local function resolve_provider(domain, routing_domain)
  local target = routing_domain or domain
  if provider_of[target] == nil then
    local ok, params = pcall(R.invoke, 'get_egress_path_config', target, 'unspecified', R.call('site_of', target))
    provider_of[target] = ok and params and params.provider_name or false
  end
  return provider_of[target] or nil
end
function queue:resolve_provider(domain, routing_domain) return resolve_provider(domain, routing_domain) end
function queue:setup(files) return self:setup_with_options { file_names = files } end

local function choose_tenant(msg, options)
  local tenant, from
  if options.tenant_header then
    tenant = msg:get_first_named_header_value(options.tenant_header)
    if tenant then
      from = "'" .. options.tenant_header .. "' header"
      if options.remove_tenant_header then msg:remove_all_named_headers(options.tenant_header) end
    end
  end
  if not tenant and options.default_tenant then tenant, from = options.default_tenant, 'default_tenant option' end
  if not tenant then return end
  local known = R.call('queue_tenant', tenant)
  if not known then
    kumo.reject(500, "tenant '" .. tenant .. "' specified by " .. from .. ' is not defined in your queue config')
  end
  if known.require_authz then
    local user = msg:get_meta 'authz_id'
    if not user then kumo.reject(500, "tenant '" .. tenant .. "' requires SMTP AUTH") end
    local allowed = false
    for _, name in ipairs(known.require_authz) do allowed = allowed or name == user end
    if not allowed then kumo.reject(500, "authz_id '" .. user .. "' is not authorized to send as tenant '" .. tenant .. "'") end
  end
  msg:set_meta('tenant', tenant)
end

function queue:setup_with_options(setup)
  local first = once 'queue'
  if first then R.call('queue_setup', setup) end
  local instance = {}
  function instance:resolve_config(domain, tenant, campaign)
    return R.call('queue_resolve', domain, tenant, campaign)
  end
  function instance:apply(msg)
    local options = R.call 'queue_options'
    if options.scheduling_header then msg:import_scheduling_header(options.scheduling_header, true) end
    local campaign = options.campaign_header and msg:get_first_named_header_value(options.campaign_header)
    if campaign then
      msg:set_meta('campaign', campaign)
      if options.remove_campaign_header then msg:remove_all_named_headers(options.campaign_header) end
    end
    choose_tenant(msg, options)
    local state = R.message_state(msg)
    local recipient = R.address(state.recipients[1] or '')
    local routing = R.call('queue_routing', recipient.domain, state.meta.tenant, state.meta.campaign)
    if routing then msg:set_meta('routing_domain', routing) end
  end
  if first and not setup.skip_queue_config_hook then
    R.register('get_queue_config', function(domain, tenant, campaign, routing_domain)
      local params = R.call('queue_resolve', domain, tenant, campaign)
      if params.provider_name == nil then params.provider_name = resolve_provider(domain, routing_domain) end
      return kumo.make_queue_config(params)
    end, 'policy-extras/queue.lua')
  end
  if first then R.register('throttle_insert_ready_queue', function() end, 'policy-extras/queue.lua') end
  return instance
end

local log_hooks = helper 'log_hooks'
local hook_names = {}
local function new_hook(options, kind)
  R.call('log_hook', options, kind)
  if hook_names[options.name] then R.call('setup_twice', 'log_hook ' .. tostring(options.name)) return false end
  hook_names[options.name] = true
  return true
end
function log_hooks:new(options, kind)
  if not new_hook(options, kind or 'new') then return end
  local where = 'policy-extras/log_hooks.lua'
  local domain = options.name .. '.log_hook'
  R.register('pre_init', function()
    local params = { name = options.name }
    for k, v in pairs(options.log_parameters or {}) do params[k] = v end
    kumo.configure_log_hook(params)
  end, where)
  R.register('should_enqueue_log_record', function(msg, hook)
    if hook ~= options.name then return end
    local record = msg:get_meta 'log_record'
    if record and record.reception_protocol == 'LogRecord' then return false end
    if options.filter and options.filter(msg, hook) then return false end
    msg:set_meta('queue', domain)
    return true
  end, where)
  R.register('get_queue_config', function(name)
    if name ~= domain then return end
    local params = { retry_interval = '1m', max_retry_interval = '20m' }
    for k, v in pairs(options.queue_config or {}) do params[k] = v end
    params.protocol = { custom_lua = {
      constructor = 'make.' .. domain, batch_size = options.batch_size or 1,
      min_batch_size = options.min_batch_size, max_batch_latency = options.max_batch_latency,
    } }
    return kumo.make_queue_config(params)
  end, where)
  R.register('make.' .. domain, options.constructor or function() return {} end, where)
end
function log_hooks:new_json(options) return self:new(options, 'new_json') end
function log_hooks:new_disposition_hook(options)
  if not new_hook(options, 'new_disposition_hook') then return end
  R.register('pre_init', function()
    kumo.configure_log_disposition_hook { name = options.name }
  end, 'policy-extras/log_hooks.lua')
  R.register('log_disposition_' .. options.name, options.hook, 'policy-extras/log_hooks.lua')
end

local mail_auth = helper 'mail_auth'
function mail_auth.iprev(ip)
  R.call('module', 'mail_auth')
  return R.finding('iprev', (R.checks or {}).iprev or 'permerror')
end

setmetatable(mail_auth, { __index = function(_, key)
  return function() return R.call('not_modelled', 'policy-extras.mail_auth.' .. tostring(key)) end
end })
`;
