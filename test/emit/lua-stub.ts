import ipaddr from 'ipaddr.js';
import { type LuaEngine, LuaFactory } from 'wasmoon';
import { emitFiles } from '../../src/emit/emit';
import type { EmittedFile } from '../../src/emit/file';
import type { KumoPolicy } from '../../src/kumo/model';

export const OPTIONS = { installDir: '/opt/kumomta/etc/policy', target: '2026.06.23' };

/**
 * Just enough of KumoMTA to load the emitted Lua and call its handlers: `EVENTS` holds the handlers, `CALLS` what was
 * called in which order. `message{headers, meta, recipient}` makes a message. What the helpers do is not modelled.
 */
const STUB = `
EVENTS, CALLS = {}, {}
local function called(name) return function(...) CALLS[#CALLS + 1] = { name = name, args = { ... } } end end
local function domain_map(map)
  return setmetatable({}, { __index = function(_, key)
    if map[key] ~= nil then return map[key] end
    local rest = key
    repeat
      rest = rest:match '^[^.]+%.(.+)$'
      if rest and map['*.' .. rest] ~= nil then return map['*.' .. rest] end
    until not rest
  end })
end
kumo = {
  on = function(name, handler) CALLS[#CALLS + 1] = { name = 'on ' .. name }; EVENTS[name] = handler end,
  reject = function(code, text) error(code .. ' ' .. text, 0) end,
  memoize = function(f) return f end,
  make_egress_path = function(path) return path end,
  define_spool = called 'define_spool', configure_local_logs = called 'configure_local_logs',
  configure_bounce_classifier = called 'configure_bounce_classifier',
  start_http_listener = called 'start_http_listener', start_esmtp_listener = called 'start_esmtp_listener',
  set_config_monitor_globs = called 'set_config_monitor_globs',
  dns = { configure_resolver = called 'configure_resolver' },
  cidr = { make_map = function(map) return setmetatable({}, { __index = function(_, key)
    local best
    for cidr in pairs(map) do
      if covers(cidr, key) and (not best or prefix(cidr) > prefix(best)) then best = cidr end
    end
    return best and map[best]
  end }) end },
  domain_map = { new = domain_map },
  serde = { toml_load = function() return USERS end },
  shaping = { load = called 'shaping.load' },
  dkim = { rsa_sha256_signer = function(params) return params end },
}
package.preload['kumo'] = function() return kumo end
package.preload['tsa'] = function() return { start_http_listener = called 'tsa.start_http_listener' } end
package.preload['policy-extras.sources'] = function() return { setup = called 'sources:setup' } end
package.preload['policy-extras.dkim_sign'] = function() return { setup = function(...)
  called 'dkim_sign:setup'(...)
  return function(msg) msg.signed[#msg.signed + 1] = 'helper' end
end } end
package.preload['policy-extras.listener_domains'] = function() return { setup = function(...)
  called 'listener_domains:setup'(...)
  return function() end
end } end
package.preload['policy-extras.shaping'] = function() return { setup_with_automation = function(...)
  called 'shaping:setup'(...)
  return { setup_publish = called 'setup_publish', get_egress_path_config = function() return PATH end }
end } end
package.preload['policy-extras.queue'] = function() return { setup = function(...)
  called 'queue:setup'(...)
  return { apply = function(_, msg) msg.applied = true end }
end } end
function message(m)
  m.headers, m.meta, m.signed = m.headers or {}, m.meta or {}, {}
  function m:get_meta(key) return self.meta[key] end
  function m:set_meta(key, value) self.meta[key] = value end
  function m:id() return 'id0815' end
  function m:num_attempts() return self.attempts or 0 end
  function m:recipient() return { domain = self.recipient_domain } end
  function m:recipient_list() return { self:recipient() } end
  function m:get_first_named_header_value(name)
    for _, h in ipairs(self.headers) do if h[1]:lower() == name:lower() then return h[2] end end
  end
  function m:remove_all_named_headers(name)
    for i = #self.headers, 1, -1 do if self.headers[i][1]:lower() == name:lower() then table.remove(self.headers, i) end end
  end
  function m:prepend_header(name, value) table.insert(self.headers, 1, { name, value }) end
  function m:get_address_header(name)
    local value = self:get_first_named_header_value(name)
    return value and { domain = value:match '@(.+)$' } or nil
  end
  function m:check_fix_conformance(_, fixes) self.fixes = (self.fixes or '') .. fixes end
  function m:dkim_sign(signer) self.signed[#self.signed + 1] = signer.selector .. '@' .. signer.domain end
  function m:set_scheduling(schedule) self.schedule = schedule end
  return m
end
`;

/** Emits the policy and loads its init.lua (and, through it, pmta.lua) into a Lua 5.4. Close the engine afterwards. */
export async function loadTree(policy: KumoPolicy, target = OPTIONS.target): Promise<LuaEngine> {
  const files = emitFiles(policy, { ...OPTIONS, target });
  const lua = await new LuaFactory().createEngine();
  lua.global.set('covers', covers);
  lua.global.set('prefix', prefix);
  lua.doStringSync(STUB);
  const pmta = files.find((file) => file.path === 'pmta.lua');
  lua.global.set('PMTA', pmta?.content ?? '');
  lua.doStringSync("package.preload['pmta'] = assert(load(PMTA, 'pmta.lua'))");
  lua.doStringSync(contentOf(files, 'init.lua'));
  return lua;
}

export function contentOf(files: readonly EmittedFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} was not emitted`);
  return file.content;
}

/** Names of what init.lua called, in order. */
export function callsOf(lua: LuaEngine): readonly string[] {
  return String(
    lua.doStringSync("local n = {} for i, c in ipairs(CALLS) do n[i] = c.name end return table.concat(n, '|')"),
  ).split('|');
}

function covers(cidr: string, peer: string): boolean {
  const address = ipaddr.parse(peer.startsWith('[') ? peer.slice(1, peer.indexOf(']')) : peer.replace(/:\d+$/, ''));
  const network = cidr.includes('/') ? ipaddr.parseCIDR(cidr) : ([ipaddr.parse(cidr), 128] as const);
  if (address.kind() !== network[0].kind()) return false;
  return cidr.includes('/') ? address.match(ipaddr.parseCIDR(cidr)) : address.toString() === network[0].toString();
}

function prefix(cidr: string): number {
  return cidr.includes('/') ? Number(cidr.split('/')[1]) : 128;
}
