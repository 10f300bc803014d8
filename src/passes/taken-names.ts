import type { Outcome } from '../pmta/ledger';
import type { DomainBlock, DomainPattern } from '../pmta/model';
import type { Pass } from './pass';
import { placesOfPattern, TAKEN_NAMES } from './places';

const NAME = 'taken-names';

/** PowerMTA's own queues that carry no mail of the user's (M5 3.3.11.5, 12.6, 12.7), in lower case. */
const INTERNAL: ReadonlyMap<string, readonly [Outcome, note: string]> = new Map([
  ['{bounce}', ['implicit', 'A queue inside PowerMTA: KumoMTA takes bounces in without one.']],
  ['{bounceprocessor}', ['implicit', 'A queue inside PowerMTA: KumoMTA takes bounces in without one.']],
  ['{feedbackloop}', ['implicit', 'A queue inside PowerMTA: KumoMTA takes complaints in without one.']],
  ['{gmimprinter}', ['unsupported', 'Goodmail is gone, and this queue with it.']],
]);

/** `<domain>` blocks without a place in KumoMTA: nothing in them can be converted, whatever it is. */
export const takenNamesPass: Pass = {
  name: NAME,
  needs: [],
  run({ config, diagnostics, ledger }) {
    const owners = [config, ...config.virtualMtas.values(), ...config.pools.values()];
    for (const { block, patterns } of owners.flatMap(({ domains }): readonly DomainBlock[] => domains.blocks)) {
      const taken = patterns.flatMap((pattern) => takenName(pattern) ?? []);
      for (const domain of taken) diagnostics.report('domain-name-taken', block.tag?.span, { domain });
      if (patterns.length === 0 || patterns.some((pattern) => placesOfPattern(pattern).length > 0)) continue;
      const note =
        taken.length > 0
          ? "KumoMTA's files cannot hold a domain of this name."
          : 'KumoMTA has no queue of this reserved name or address.';
      const [outcome, why] = INTERNAL.get(block.argument.toLowerCase()) ?? ['manual', note];
      for (const line of [...(block.tag === undefined ? [] : [block.tag]), ...block.settings])
        ledger.close(line, outcome, NAME, why);
    }
  },
};

/** The name that cannot be written. `[*.]name` loses it too, while the subdomains of `name` are converted. */
function takenName(pattern: DomainPattern): string | undefined {
  const meant = pattern.form === 'name' || pattern.form === 'tree';
  return meant && TAKEN_NAMES.has(pattern.name) ? pattern.name : undefined;
}
