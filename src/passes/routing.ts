import ipaddr from 'ipaddr.js';
import type { HostListEntry } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';
import type { FieldBlock, FieldMap, KumoTable } from '../kumo/model';
import { patternSettings } from '../pmta/match';
import type { DomainPattern, DomainScope, Setting, VirtualMta } from '../pmta/model';
import { clearRoute } from './cleared-routes';
import { convertType, queueBlocksOf, settleIdleDiscards } from './delivery-type';
import { wildcardAbove, withShadowed } from './domain-keys';
import { typeOf } from './holding';
import { separateRoutes } from './layered-routes';
import { type Pass, type PassContext, pathSourcesOf } from './pass';
import { ownScopes, type Place, placesOf, placesSetting } from './places';
import { addOrigins, anyProvider, blockIn, field, pathBlock } from './policy-writer';
import { putIntoQueue } from './queue-to';
import { dropAuthWithoutRoute } from './route-guards';
import { isQueueName, queueTo, ROUTE_DIRECTIVES, type Route, routeOf } from './routes';
import { refuseForTarget } from './target';

const NAME = 'routing';

const BACKWARDS =
  'The hosts are written from the last to the first, as releases before 2025.12.02 try them: convert again before you run a newer one.';

/**
 * Fixed routes (`smtp-hosts`, `route`) go to queues.toml; `queue-to` is done by Lua, which names the scheduled queue, so
 * that all domains of the queue share its retry and its limits, as in PowerMTA (M5 10.9).
 */
export const routingPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'queues', 'shaping'],
  run(context) {
    const { config } = context;
    for (const place of placesOf([config.domains])) convertPlace(context, undefined, config.domains, place);
    for (const vmta of config.virtualMtas.values()) {
      const scopes = [...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains]), vmta.domains];
      for (const scope of scopes) for (const place of placesOf([scope])) convertPlace(context, vmta, scope, place);
    }
    repeatRoutes(context);
    separateRoutes(context);
    const { queueTo: rows } = context.policy.lua;
    rows.splice(0, rows.length, ...withShadowed(rows));
    for (const [name, block] of context.policy.shaping.domains) if (isQueueName(name)) block.mxRollup = false;
    settleUnusedRoutes(context);
    settleIdleDiscards(context);
    dropAuthWithoutRoute(context);
  },
};

function convertPlace(context: PassContext, vmta: VirtualMta | undefined, scope: DomainScope, place: Place): void {
  const own = directivesAt(scope, place);
  if (own.has('type') || own.has('discard-as-bounce')) convertType(context, vmta, place.domain);
  if (own.has('queue-to')) putIntoQueue(context, vmta, place.domain);
  if ([...ROUTE_DIRECTIVES].some((name) => own.has(name))) writeRoute(context, vmta, place);
}

function writeRoute(context: PassContext, vmta: VirtualMta | undefined, place: Place): void {
  const { config } = context;
  if (typeOf(config, vmta, place.domain) === 'discard') return;
  const route = routeOf(config, vmta, place.domain);
  if (route.via === 'own') {
    clearRoute(context, vmta, place);
    return;
  }
  const fields = fieldsOf(context, route);
  if (fields === undefined) return;
  // Mail gets into such a queue by queue-to only, and the name that Lua gives it holds the route.
  if (route.via === 'mx' && isQueueName(place.domain)) return;
  for (const target of targetsOf(context, vmta, place, route)) {
    for (const [name, value] of fields) target.fields.set(name, value);
    if (route.setting.scope.tag !== undefined) addOrigins(target, [route.setting.scope.tag]);
  }
  if (route.via !== 'hosts') return;
  if (place.pattern.form === 'any') reportShared(context, route.hosts, route.setting);
  shapeHosts(context, vmta, place, route.hosts, route.setting);
}

/** The name of a ready queue holds the list of hosts instead of a domain's site (crates/kumod ready_queue.rs). */
function reportShared({ ledger, diagnostics }: PassContext, hosts: readonly HostListEntry[], line: Setting): void {
  const note = 'All mail to these hosts shares one ready queue per source, and with it the limits.';
  ledger.settle(line, 'approximate', NAME, note);
  diagnostics.report('relay-shared-queue', line.valueSpan, { hosts: hosts.map(hostText).join(', ') });
}

/** A longer name in queues.toml hides a wildcard's route, and a block that follows MX records never meets its hosts. */
function repeatRoutes(context: PassContext): void {
  const { config, policy } = context;
  for (const vmta of [undefined, ...config.virtualMtas.values()]) {
    const scopes = vmta === undefined ? [config.domains] : ownScopes(vmta);
    const wildcards = new Set(placesSetting(scopes, ROUTE_DIRECTIVES).map(({ domain }) => domain));
    const below = (domain: string) => wildcardAbove(wildcards, domain) !== undefined;
    for (const [domain, block] of policy.shaping.domains) {
      if (below(domain) && routeOf(config, vmta, domain).via === 'hosts') block.mxRollup = false;
    }
    for (const domain of [...policy.queues.keys()].filter(below)) {
      const pattern: DomainPattern = domain.startsWith('*.')
        ? { form: 'below', name: domain.slice(2) }
        : { form: 'name', name: domain };
      writeRoute(context, vmta, { pattern, domain });
    }
  }
}

function directivesAt(scope: DomainScope, { pattern }: Place): ReadonlySet<string> {
  const around: readonly DomainPattern[] =
    'name' in pattern ? [pattern, { form: 'tree', name: pattern.name }] : [pattern];
  return new Set(around.flatMap((form) => [...patternSettings(scope, form).keys()]));
}

/** The blocks of queues.toml that hold a route; a tenant's block cannot send to another domain's mail exchangers. */
function targetsOf(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  route: Exclude<Route, { via: 'own' }>,
): readonly FieldBlock[] {
  if (vmta === undefined || place.domain !== '*' || route.via !== 'mx')
    return queueBlocksOf(context, vmta, place.domain);
  const note = "KumoMTA cannot send all mail of a tenant to another domain's mail exchangers: name the hosts instead.";
  context.ledger.settle(route.setting, 'manual', NAME, note);
  return [];
}

function fieldsOf(context: PassContext, route: Exclude<Route, { via: 'own' }>): FieldMap | undefined {
  const { ledger, options, diagnostics } = context;
  const { setting } = route;
  const fields: FieldMap = new Map();
  if (route.via === 'mixed') {
    ledger.settle(
      setting,
      'manual',
      NAME,
      'KumoMTA cannot mix hosts with the mail exchangers of a domain in one list.',
    );
    return undefined;
  }
  if (route.via === 'mx') {
    fields.set('routing_domain', field(route.domain, [setting]));
    const note =
      'Read as the mail exchangers of the domain, which takes no mail itself; PowerMTA’s manual calls it a host.';
    if (route.read && !ledger.isSettled(setting))
      diagnostics.report('route-to-provider', setting.valueSpan, { domain: route.domain });
    ledger.settle(setting, route.read ? 'approximate' : 'exact', NAME, route.read ? note : undefined);
    return fields;
  }
  const ports = route.hosts.some((entry) => entry.via !== 'mx' && entry.port !== undefined && entry.port !== 25);
  if (ports && !releaseAtLeast(options.target, '2025.10.06')) {
    refuseForTarget(context, setting, NAME, 'reads a port in a route', '2025.10.06', 'manual');
    ledger.settle(setting, 'manual', NAME, 'Set smtp_port in a block of shaping.toml instead.');
    return undefined;
  }
  const hosts = route.hosts.map(hostText);
  const backwards = !releaseAtLeast(options.target, '2025.12.02') && hosts.length > 1;
  const ordered = backwards ? [...hosts].reverse() : hosts;
  const protocol: KumoTable = { smtp: { mx_list: ordered } };
  fields.set('protocol', field(protocol, [setting]));
  const note = route.flat ? 'Hosts of equal preference are tried in the order of the file, not in turn.' : undefined;
  ledger.settle(setting, route.flat ? 'approximate' : 'exact', NAME, note);
  if (backwards) ledger.settle(setting, 'exact', NAME, BACKWARDS);
  return fields;
}

function hostText(entry: HostListEntry): string {
  if (entry.via === 'mx') return entry.domain;
  const port = entry.port === undefined || entry.port === 25 ? '' : `:${entry.port}`;
  if (entry.via === 'host') return `${entry.host}${port}`;
  return `[${entry.address.includes(':') ? `IPv6:${entry.address}` : entry.address}]${port}`;
}

/**
 * A list of hosts is a site of its own, which blocks that follow MX records never reach; and KumoMTA refuses to deliver
 * to the host itself unless told otherwise.
 */
function shapeHosts(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  hosts: readonly HostListEntry[],
  setting: Setting,
): void {
  const { policy, config } = context;
  if (place.pattern.form === 'name') pathBlock(policy, place.domain).mxRollup = false;
  if (place.pattern.form === 'any') {
    // Blocks that follow MX records never reach a list of hosts, neither those of all nor the virtual-mta's own.
    for (const other of placesOf([config.domains, ...(vmta === undefined ? [] : ownScopes(vmta))])) {
      const block = policy.shaping.domains.get(other.domain);
      // Mail that is put into another queue does not come here, and who else does is found by the mail exchangers.
      const routed = routeOf(config, vmta, other.domain).via !== 'own';
      if (block !== undefined && routed && queueTo(config, vmta, other.domain) === undefined) block.mxRollup = false;
    }
  }
  if (!hosts.some(isLoopback)) return;
  const allow = (fields: FieldMap): void => void fields.set('prohibited_hosts', field([], [setting]));
  if (place.pattern.form === 'name') {
    allow(pathBlock(policy, place.domain).fields);
    return;
  }
  if (vmta === undefined && place.pattern.form === 'any') {
    allow(policy.shaping.default.fields);
    return;
  }
  for (const source of pathSourcesOf(context.egress, vmta?.name ?? '{default}')) {
    allow(blockIn(anyProvider(policy).sources, source).fields);
  }
}

function isLoopback(entry: HostListEntry): boolean {
  if (entry.via === 'host') return entry.host === 'localhost';
  return entry.via === 'address' && ipaddr.isValid(entry.address) && ipaddr.parse(entry.address).range() === 'loopback';
}

/** Lines that clear a route, or that a later or more special line beats everywhere. */
function settleUnusedRoutes(context: PassContext): void {
  for (const line of context.config.settings) {
    if (line.scope.kind !== 'domain' || line.value === undefined || context.ledger.isSettled(line)) continue;
    const cleared =
      (line.value.kind === 'host-list' && line.value.groups.length === 0 && ROUTE_DIRECTIVES.has(line.name)) ||
      (line.name === 'queue-to' && line.value.kind === 'text' && line.value.value === '');
    if (cleared) context.ledger.settle(line, 'implicit', NAME, 'It clears a route, and none is set around it.');
    else if (line.name === 'route') {
      const hosts = line.scope.settings.some((other) => other.name === 'smtp-hosts' && other.value !== undefined);
      if (hosts)
        context.ledger.settle(
          line,
          'approximate',
          NAME,
          'smtp-hosts in the same block is used; which one PowerMTA takes is not documented.',
        );
    }
  }
}
