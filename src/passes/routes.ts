import type { HostListEntry } from '../directives/value';
import { mxSiteOf } from '../kumo/mx-groups';
import { effectiveSettings } from '../pmta/match';
import type { Effective, PmtaConfig, Setting, VirtualMta } from '../pmta/model';
import { ownScopes } from './places';

/** Where mail of a queue goes (M5 3.3.10.60, 3.3.10.89, 10.9). */
export type Route =
  /** To the domain's own mail exchangers. */
  | { readonly via: 'own' }
  /** To the mail exchangers of another domain; `read` when the file names it as a host. */
  | { readonly via: 'mx'; readonly domain: string; readonly setting: Setting; readonly read: boolean }
  /** To hosts, most preferred first, equal ones in the order of the file. */
  | {
      readonly via: 'hosts';
      readonly hosts: readonly HostListEntry[];
      readonly setting: Setting;
      readonly flat: boolean;
    }
  /** A mixture of both, which KumoMTA cannot express. */
  | { readonly via: 'mixed'; readonly setting: Setting };

/** The older `route` is read where smtp-hosts is not set (RN45 2.1). */
export const ROUTE_DIRECTIVES: ReadonlySet<string> = new Set(['smtp-hosts', 'route']);

/** How many `queue-to` are followed before it must be a loop. */
const LONGEST_CHAIN = 20;

/** The route of a queue, by `smtp-hosts`, else by the older `route`. */
export function routeOf(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): Route {
  const settings = effectiveSettings(config, vmta, domain);
  const read = (name: string) => readRoute(config, settings.get(name));
  return read('smtp-hosts') ?? read('route') ?? { via: 'own' };
}

const movedDomains = new WeakMap<PmtaConfig, ReadonlySet<string>>();

/** Names of recipient domains whose mail queue-to moves: mail domains for certain. */
function domainsMoved(config: PmtaConfig): ReadonlySet<string> {
  const known = movedDomains.get(config);
  if (known !== undefined) return known;
  const blocks = config.domains.blocks.filter(({ block }) => block.settings.some((line) => line.name === 'queue-to'));
  const names = new Set(blocks.flatMap(({ patterns }) => patterns.flatMap((p) => (p.form === 'name' ? [p.name] : []))));
  movedDomains.set(config, names);
  return names;
}

function readRoute(config: PmtaConfig, found: Effective | undefined): Route | undefined {
  if (found?.value.kind !== 'host-list' || found.value.groups.length === 0) return undefined;
  const { setting } = found;
  const entries = found.value.groups.flat();
  const [first] = entries;
  if (entries.length === 1 && first?.via === 'mx') return { via: 'mx', domain: first.domain, setting, read: false };
  // A mail domain takes no mail itself: whoever names one as a host means its mail exchangers.
  const isMailDomain = (host: string) => mxSiteOf(host) !== undefined || domainsMoved(config).has(host);
  if (entries.length === 1 && first?.via === 'host' && first.port === undefined && isMailDomain(first.host)) {
    return { via: 'mx', domain: first.host, setting, read: true };
  }
  if (entries.some((entry) => entry.via === 'mx')) return { via: 'mixed', setting };
  return { via: 'hosts', hosts: entries, setting, flat: found.value.groups.some((group) => group.length > 1) };
}

/** Whether a line sends mail to the mail exchangers of another domain. */
export function viaMx(config: PmtaConfig, found: Effective): boolean {
  return readRoute(config, found)?.via === 'mx';
}

/** The queue that mail for `domain` is put into, and the lines that say so; undefined when it stays where it is. */
export function queueTo(
  config: PmtaConfig,
  vmta: VirtualMta | undefined,
  domain: string,
): { readonly queue: string; readonly settings: readonly Setting[] } | undefined {
  const settings: Setting[] = [];
  let queue = domain;
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const found = effectiveSettings(config, vmta, queue).get('queue-to');
    const next = found?.value.kind === 'text' ? found.value.value.toLowerCase() : '';
    if (found === undefined || next === '' || next === queue || next.startsWith('{')) break;
    settings.push(found.setting);
    queue = next;
  }
  return settings.length === 0 || settings.length === LONGEST_CHAIN ? undefined : { queue, settings };
}

/**
 * The domain whose block of shaping.toml holds a queue's limits: KumoMTA looks them up by the domain that it routes to,
 * so that mail with `lookup-mx:x` takes the limits of `x`.
 */
export function landingOf(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): string {
  // A rollup queue becomes a provider, which follows the mail exchangers of its domains.
  if (domain.endsWith('.rollup')) return domain;
  const route = routeOf(config, vmta, domain);
  return route.via === 'mx' ? route.domain : domain;
}

/** True for names that only exist inside PowerMTA, as targets of queue-to and MX rollup. */
export function isQueueName(name: string): boolean {
  return name.endsWith('.queue') || name.endsWith('.rollup');
}

/** True for a virtual-mta whose own blocks say where mail goes. */
export function hasOwnRoutes(vmta: VirtualMta): boolean {
  const names: ReadonlySet<string> = new Set([...ROUTE_DIRECTIVES, 'queue-to']);
  return ownScopes(vmta).some(({ blocks }) =>
    blocks.some(({ block }) => block.settings.some(({ name }) => names.has(name))),
  );
}
