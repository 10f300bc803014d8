import { effectiveAll, effectiveSettings } from '../pmta/match';
import type { Effective, Setting, VirtualMta } from '../pmta/model';
import { queueBlocksOf } from './delivery-type';
import type { PassContext } from './pass';
import type { Place } from './places';
import { field } from './policy-writer';
import { ROUTE_DIRECTIVES, viaMx } from './routes';

const NAME = 'routing';

const NO_NAME =
  'KumoMTA cannot say "their own mail exchangers" about names that it does not know, inside of a route to those of another domain: clear it for each name.';

/**
 * `smtp-hosts ""` inside of a wider route: mail goes to the domain's own mail exchangers again (M5 3.3.10.89). Blocks of
 * queues.toml are laid over each other, so that this has to be said. Nothing is written where no route is set around it.
 */
export function clearRoute(context: PassContext, vmta: VirtualMta | undefined, { pattern, domain }: Place): void {
  const { config, ledger } = context;
  const line = clearingLine(effectiveSettings(config, vmta, domain));
  const around = effectiveAll(config, vmta, domain).filter(setsRoute);
  if (line === undefined || around.length === 0) return;
  const others = around.filter((route) => viaMx(config, route));
  // A block of queues.toml hides the wildcards around it, but neither the default nor, for one tenant, its own name.
  const stays = others.filter((route) => vmta !== undefined || route.pattern.form === 'any');
  if (stays.length > 0 && pattern.form !== 'name') {
    ledger.settle(line, 'manual', NAME, NO_NAME);
    return;
  }
  for (const { fields } of queueBlocksOf(context, vmta, domain)) {
    if (around.length > others.length || stays.length === 0) fields.set('protocol', field({ smtp: {} }, [line]));
    if (stays.length > 0) fields.set('routing_domain', field(domain, [line]));
  }
  ledger.settle(line, 'exact', NAME);
}

function clearingLine(settings: ReadonlyMap<string, Effective>): Setting | undefined {
  return [...ROUTE_DIRECTIVES].map((name) => settings.get(name)).find((found) => found && clears(found))?.setting;
}

function clears({ value }: Effective): boolean {
  return value.kind === 'host-list' && value.groups.length === 0;
}

function setsRoute({ setting, value }: Effective): boolean {
  return ROUTE_DIRECTIVES.has(setting.name) && value.kind === 'host-list' && value.groups.length > 0;
}
