import { effectiveSettings } from '../pmta/match';
import type { VirtualMta } from '../pmta/model';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
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

/** The name of a scheduled queue holds the route to other mail exchangers. */
function queueName({ config }: PassContext, vmta: VirtualMta | undefined, queue: string): string {
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
