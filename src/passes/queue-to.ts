import { effectiveSettings } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { HOLD, isHeld } from './holding';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { placesOf } from './places';
import { hasOwnRoutes, queueTo, routeOf } from './routes';

const NAME = 'routing';

/** Mail for `domain` goes into another queue: by Lua, which names the queue. */
export function putIntoQueue(context: PassContext, vmta: VirtualMta | undefined, domain: string): void {
  const { config, ledger, policy } = context;
  const target = queueTo(config, vmta, domain);
  const tenants = tenantsOf(context, vmta);
  if (domain === '*') return;
  if (target === undefined) {
    // A virtual-mta that clears what holds for all.
    const clearing = effectiveSettings(config, vmta, domain).get('queue-to')?.setting;
    if (clearing === undefined || queueTo(config, undefined, domain) === undefined) return;
    for (const tenant of tenants) policy.lua.queueTo.push({ domain, tenant, queue: '', origins: [clearing.span] });
    ledger.settle(clearing, 'exact', NAME);
    return;
  }
  const note =
    target.settings.length > 1
      ? 'A chain of queue-to is followed to its end, which PowerMTA does not document.'
      : undefined;
  for (const line of target.settings) ledger.settle(line, note === undefined ? 'exact' : 'approximate', NAME, note);
  const queue = queueName(context, vmta, target.queue);
  const origins = target.settings.map((line) => line.span);
  for (const tenant of tenants) policy.lua.queueTo.push({ domain, tenant, queue, origins });
  if (vmta === undefined) putByOwnRoutes(context, domain, queue);
}

/** The queue that mail for `domain` is put into, '' for its own. */
export function queueFor(context: PassContext, vmta: VirtualMta | undefined, domain: string): string {
  const target = queueTo(context.config, vmta, domain);
  return target === undefined ? '' : queueName(context, vmta, target.queue);
}

/**
 * Puts mail of a place, `*` for all, into a queue. A virtual-mta's wildcard would hide what queue-to says for all
 * virtual-mtas about the names below it, so that this is said again.
 */
export function putAt(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
  queue: string,
  setting: Setting,
): void {
  const { config, policy } = context;
  const moved =
    vmta === undefined || !domain.startsWith('*')
      ? []
      : placesOf([config.domains]).filter((place) => queueTo(config, vmta, place.domain) !== undefined);
  const rows = moved.map((place) => ({ domain: place.domain, queue: queueFor(context, vmta, place.domain) }));
  for (const row of [{ domain: domain === '*' ? 'default' : domain, queue }, ...rows]) {
    for (const tenant of tenantsOf(context, vmta)) policy.lua.queueTo.push({ ...row, tenant, origins: [setting.span] });
  }
}

/** The name of a scheduled queue holds the route to other mail exchangers. */
function queueName({ config }: PassContext, vmta: VirtualMta | undefined, queue: string): string {
  if (isHeld(config, vmta, queue)) return `=${HOLD}`;
  const route = routeOf(config, vmta, queue);
  return route.via === 'mx' ? `${queue}!${route.domain}` : queue;
}

/** A virtual-mta with a route of its own sends the mail of the shared queue there. */
function putByOwnRoutes(context: PassContext, domain: string, shared: string): void {
  const { config, policy } = context;
  for (const vmta of config.virtualMtas.values()) {
    if (!hasOwnRoutes(vmta)) continue;
    const target = queueTo(config, vmta, domain);
    const queue = target === undefined ? '' : queueName(context, vmta, target.queue);
    if (target === undefined || queue === shared) continue;
    const origins = target.settings.map((line) => line.span);
    for (const tenant of tenantsOf(context, vmta)) policy.lua.queueTo.push({ domain, tenant, queue, origins });
  }
}
