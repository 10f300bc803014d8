import { vmtaSettings } from '../pmta/match';
import type { PmtaConfig, VirtualMta } from '../pmta/model';
import { ownScopes } from './places';

const ROUTES: ReadonlySet<string> = new Set([
  'backoff-reroute-to-virtual-mta',
  'queue-to',
  'reroute-to-virtual-mta',
  'route',
  'smtp-hosts',
  'type',
]);

const TIMING: ReadonlySet<string> = new Set([
  'backoff-retry-after',
  'bounce-after',
  'retry-after',
  'retry-recipients-after',
]);

/** What a virtual-mta says that KumoMTA ties to the tenant of a message and not to its source, as texts to compare. */
export interface TiedSettings {
  /** How mail is signed and where it goes. */
  readonly identity: string;
  /** How long and how often it is tried. */
  readonly timing: string;
}

export function tiedSettings(config: PmtaConfig, vmta: VirtualMta): TiedSettings {
  const keys = vmtaSettings(config, vmta, 'domain-key').map((line) => line.raw);
  return {
    identity: JSON.stringify([keys, linesOf(vmta, (name) => ROUTES.has(name) || name.includes('dkim'))]),
    timing: JSON.stringify(linesOf(vmta, (name) => TIMING.has(name))),
  };
}

function linesOf(vmta: VirtualMta, wanted: (name: string) => boolean) {
  return ownScopes(vmta).flatMap(({ blocks }) =>
    blocks.flatMap(({ block, patterns }) =>
      block.settings.filter(({ name }) => wanted(name)).map(({ name, raw }) => [JSON.stringify(patterns), name, raw]),
    ),
  );
}
