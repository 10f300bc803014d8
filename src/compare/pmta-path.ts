import { effectiveSettings } from '../pmta/match';
import type { PmtaConfig, VirtualMta } from '../pmta/model';
import type { PmtaPath } from './sides';

/** How many `queue-to` are followed before it must be a loop. */
const LONGEST_CHAIN = 20;

/** What PowerMTA does with mail for `domain` through a virtual-mta, by its own rules alone (M5 3.3.10, 3.3.13.2, 10.9). */
export function pmtaPath(config: PmtaConfig, vmta: VirtualMta, domain: string): PmtaPath {
  let queue = domain;
  let settings = effectiveSettings(config, vmta, queue);
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const next = settings.get('queue-to')?.value;
    const name = next?.kind === 'text' ? next.value.toLowerCase() : '';
    if (name === '' || name === queue || name.startsWith('{')) break;
    queue = name;
    settings = effectiveSettings(config, vmta, queue);
  }
  return { config, vmta, domain, queue, settings, value: (directive) => settings.get(directive)?.value };
}
