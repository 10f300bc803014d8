import { effectiveSettings } from '../pmta/match';
import type { Effective, PmtaConfig, VirtualMta } from '../pmta/model';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import type { Pass, PassContext } from './pass';
import { hasPlaces } from './places';
import { queuePlaces } from './queue-places';
import { settleByRow } from './settle';

const NAME = 'reroutes';
const REROUTE = 'reroute-to-virtual-mta';

/**
 * `reroute-to-virtual-mta` moves a queue's mail to another virtual-mta (M5 3.3.10.49): here each message gets the other
 * tenant when it comes in, by its recipient domain. Chains are followed now; in a loop the mail stays in the last queue.
 */
export const reroutesPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    const { lua } = context.policy;
    for (const { place, vmta, settings } of queuePlaces(context, new Set([REROUTE]))) {
      const found = settings.get(REROUTE);
      const to = followed(context, vmta, place.domain);
      if (found === undefined || to === undefined) continue;
      for (const tenant of tenantsOf(context, vmta)) {
        const domain = place.domain === '*' ? 'default' : place.domain;
        lua.reroutes.push({ domain, tenant, to: to === tenant ? '' : to, origins: [found.setting.span] });
      }
    }
    const all = lua.reroutes.some(({ to }) => to !== '') ? withShadowed(lua.reroutes) : [];
    lua.reroutes.splice(0, lua.reroutes.length, ...all);
    settleLines(context);
  },
};

/** True when some queue is rerouted, so that Lua has to know the tenant before the queue is named. */
export function reroutes({ settings }: PmtaConfig): boolean {
  return settings.some(
    ({ name, scope, value }) =>
      name === REROUTE && scope.kind === 'domain' && value?.kind === 'text' && value.value !== '',
  );
}

/** The tenant in which a queue's mail ends up: '' for its own; undefined when no such virtual-mta is defined. */
function followed(context: PassContext, start: VirtualMta | undefined, domain: string): string | undefined {
  const { config } = context;
  const seen = new Set<VirtualMta | undefined>([start]);
  let tenant = '';
  for (let at = start; ; ) {
    const name = nameIn(effectiveSettings(config, at, domain).get(REROUTE));
    const to = rerouteTenant(context, name);
    const next = config.virtualMtas.get(name);
    if (name !== '' && to === undefined && tenant === '') return undefined;
    if (to === undefined || (next !== undefined && seen.has(next))) return tenant;
    tenant = to;
    if (next === undefined) return tenant;
    seen.add(next);
    at = next;
  }
}

function nameIn(found: Effective | undefined): string {
  return found?.value.kind === 'text' ? found.value.value.toLowerCase() : '';
}

/** The tenant that a rerouting directive names; undefined for names that are not defined, and for pools by member. */
export function rerouteTenant({ egress, policy }: PassContext, name: string): string | undefined {
  const tenant = egress.tenantOf.get(name);
  return tenant === undefined || policy.lua.memberPools.has(tenant) ? undefined : tenant;
}

function settleLines(context: PassContext): void {
  for (const line of context.config.settings) {
    if (line.name !== REROUTE || line.scope.kind !== 'domain' || line.value?.kind !== 'text') continue;
    if (!hasPlaces(line.scope) || context.ledger.isSettled(line)) continue;
    const name = line.value.value.toLowerCase();
    if (name === '' && !reroutes(context.config)) {
      context.ledger.settle(line, 'implicit', NAME, 'It clears a rerouting, and none is set around it.');
    } else if (name !== '' && !context.egress.tenantOf.has(name)) {
      context.ledger.settle(line, 'invalid', NAME, 'It names something that is not defined.');
    } else if (name !== '' && rerouteTenant(context, name) === undefined) {
      const note = 'Members of this pool differ in more than the address, so that mail would have to choose one again.';
      context.ledger.settle(line, 'manual', NAME, note);
    } else settleByRow(context, line, NAME);
  }
}
