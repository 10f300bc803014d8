import { releaseAtLeast } from '../kumo/format';
import { lineOf, type ReadSetting } from '../pmta/precedence';
import { EVERYBODY, namedSource } from '../pmta/source-match';
import { canonicalSource, isOn, mayRelay, type PeerRule, peerRules } from './acl';
import { helperChoice, helperJobs } from './helper-choice';
import { httpSource, isSmtpOnly } from './http-source';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, field, setField } from './policy-writer';
import { IPREV_SINCE, raisesSizes, settleUserLimits } from './session-limits';
import { settleSources } from './settle-sources';
import { DEFAULTS, ruleFields, SWITCHES, settleSpare } from './source-rules';
import { usersRelayByPlace } from './user-places';

const NAME = 'selection';

/**
 * How a message gets its virtual-mta (M5 8.4): the header when the source honours it, else the source's default. Where
 * every source that may hand in mail agrees, the queue helper does it; else rules per client network go to Lua, with a
 * table of all names that the header may hold.
 */
export const selectionPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'listeners', 'relay-addresses'],
  run(context) {
    const byAddress = peerRules(context.config);
    const { names, canonical, onlyUsers } = appliedNames(context);
    settleSources(context, names);
    context.policy.lua.usersByPlace = usersRelayByPlace(context.config);
    const byName = canonical.flatMap((name) => peerRules(context.config, name));
    const http = httpSource(context.config);
    const overHttp = http === undefined ? [] : peerRules(context.config, http);
    context.policy.lua.httpSource = http;
    const everyone = unnamedListener(context) ? [...byAddress, ...byName] : byName;
    // Where some recipients are taken from anybody, everybody hands in mail.
    const handingIn = [...(takesFromAnybody(context) ? everyone : everyone.filter(mayRelay)), ...overHttp];
    const deciding = handingIn.length > 0 ? handingIn : everyone;
    const taken = new Set(idleKeys(context, [...byAddress, ...byName], onlyUsers));
    for (const choice of [helperChoice(context, deciding), helperJobs(context, deciding)]) {
      for (const [key, { value, settings }] of choice?.options ?? []) {
        setField(context.policy.queueOptions, key, value, settings);
      }
      for (const key of choice?.keys ?? []) taken.add(key);
    }
    if (!taken.has('process_x_virtual_mta')) fillTenants(context);
    const written = http === undefined ? canonical : [...canonical, http];
    writeRules(context, byAddress, { canonical: written, onlyUsers }, taken);
    settleSpare(context);
    forgetUnusedNames(context);
    if (!releaseAtLeast(context.options.target, '2025.05.06')) nameByAddress(context);
  },
};

const FROM_ANYBODY: ReadonlySet<string> = new Set(['relay-address', 'relay-domain']);

function takesFromAnybody({ config }: PassContext): boolean {
  return config.top.settings.some((line) => FROM_ANYBODY.has(line.name) && line.value !== undefined);
}

/** True when some listener takes the settings of the client's address alone. */
function unnamedListener(context: PassContext): boolean {
  return context.policy.listeners.some((listener) => !listener.fields.has('meta'));
}

/** A listener need not say which source it stands for when no rule of that name is left. */
function forgetUnusedNames(context: PassContext): void {
  const { lua, listeners } = context.policy;
  if ([...lua.sourcesByName.keys()].some((name) => name !== lua.httpSource)) return;
  for (const listener of listeners) listener.fields.delete('meta');
}

/** Older listeners have no `meta`: Lua then finds the source by the address that the client connected to. */
function nameByAddress({ policy }: PassContext): void {
  for (const { listen, fields } of policy.listeners) {
    const meta = fields.get('meta')?.value;
    const name =
      typeof meta === 'object' && !Array.isArray(meta) && 'x_pmta_source' in meta ? meta['x_pmta_source'] : '';
    fields.delete('meta');
    if (typeof name !== 'string' || name === '') continue;
    policy.lua.listenerSources.set(String(listen.value).replace(/^(?:0\.0\.0\.0|\[::\]):/, ':'), name);
  }
}

/** Keys that no rule needs in this configuration. */
function idleKeys(context: PassContext, rules: readonly PeerRule[], onlyUsers: ReadonlySet<string>): readonly string[] {
  const ofUsers = [...onlyUsers].flatMap((name) => [...(namedSource(context.config, name)?.values() ?? [])]);
  const raised = raisesSizes(context, ofUsers);
  settleUserLimits(context, ofUsers);
  const says = (name: string) => rules.some((rule) => isOn(rule, name, false));
  const spf = says('check-spf-inbound') || says('check-mfrom-inbound');
  const iprev = says('check-iprev-inbound') && releaseAtLeast(context.options.target, IPREV_SINCE);
  return [
    ...(raised ? [] : ['max_message_size']),
    ...(context.policy.lua.relayAddresses.size > 0 || context.policy.lua.usersByPlace ? [] : ['always_allow_relaying']),
    ...(context.config.top.blocks.some(({ kind }) => kind === 'smtp-user') ? [] : ['max_auth_failures']),
    ...(spf ? [] : CHECK_KEYS.filter((key) => key.includes('spf'))),
    ...(iprev ? [] : CHECK_KEYS.filter((key) => key.includes('iprev'))),
  ];
}

const CHECK_KEYS: readonly string[] = SWITCHES.map(([, key]) => key).filter((key) => /_(?:spf|iprev)_/.test(key));

interface Applied {
  /** Every named source that a listener or user refers to; `{auth}` serves users without one (M5 10.4.2). */
  readonly names: readonly string[];
  /** One for each different content: listeners refer to these. */
  readonly canonical: readonly string[];
  /** Those that no listener refers to. */
  readonly onlyUsers: ReadonlySet<string>;
}

function appliedNames(context: PassContext): Applied {
  const { config } = context;
  const names = new Set<string>();
  const byUser = new Set<string>();
  for (const listener of config.top.settings) {
    if (listener.value?.kind === 'listener' && listener.value.source !== undefined) {
      names.add(listener.value.source.toLowerCase());
    }
  }
  for (const block of config.top.blocks) {
    if (block.kind !== 'smtp-listener' && block.kind !== 'smtp-user') continue;
    const source = lineOf(block, 'source')?.value;
    const target = block.kind === 'smtp-user' ? byUser : names;
    if (source?.kind === 'text') target.add(source.value.toLowerCase());
    else if (block.kind === 'smtp-user') byUser.add('{auth}');
  }
  const defined = (name: string) => namedSource(config, name) !== undefined;
  const canonical = [...names].filter(defined).map((name) => canonicalSource(config, name));
  return {
    names: [...names, ...byUser].filter(defined),
    canonical: [...new Set([...canonical, ...[...byUser].filter(defined)])],
    onlyUsers: new Set([...byUser].filter((name) => defined(name) && !names.has(name) && !canonical.includes(name))),
  };
}

function fillTenants(context: PassContext): void {
  for (const [name, tenant] of context.egress.tenantOf) context.policy.lua.tenants.set(name, tenant);
}

function writeRules(
  context: PassContext,
  byAddress: readonly PeerRule[],
  { canonical: names, onlyUsers }: Pick<Applied, 'canonical' | 'onlyUsers'>,
  taken: ReadonlySet<string>,
): void {
  const { lua } = context.policy;
  const kept = (rule: PeerRule) => [...ruleFields(context, rule)].filter(([key]) => !taken.has(key));
  if (byAddress.some((rule) => kept(rule).length > 0)) {
    for (const rule of byAddress) {
      for (const cidr of rule.cidr === EVERYBODY ? [EVERYBODY, '::/0'] : [rule.cidr]) {
        const block = blockIn(lua.sourcesByCidr, cidr);
        for (const [key, { value, settings }] of kept(rule)) block.fields.set(key, field(value, settings));
        addOrigins(
          block,
          kept(rule).flatMap(([, { settings }]) => settings),
        );
      }
    }
  }
  for (const name of names) {
    const settings = namedSource(context.config, name) ?? new Map<string, ReadSetting>();
    const fields = [...ruleFields(context, { cidr: EVERYBODY, settings }, true)].filter(
      ([key, { value }]) =>
        !taken.has(key) &&
        // Whoever has the rule of a user has logged in.
        !(key === 'require_auth' && onlyUsers.has(name)) &&
        !(name === lua.httpSource && isSmtpOnly(key)) &&
        (value !== DEFAULTS.get(key) || byAddress.some((rule) => ruleFields(context, rule).has(key))),
    );
    if (fields.length === 0) continue;
    const block = blockIn(lua.sourcesByName, name);
    for (const [key, option] of fields) block.fields.set(key, field(option.value, option.settings));
    addOrigins(
      block,
      fields.flatMap(([, option]) => option.settings),
    );
  }
}
