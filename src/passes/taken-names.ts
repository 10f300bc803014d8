import type { DomainBlock, DomainPattern } from '../pmta/model';
import type { Pass } from './pass';
import { placesOfPattern, TAKEN_NAMES } from './places';

const NAME = 'taken-names';

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
      for (const line of [...(block.tag === undefined ? [] : [block.tag]), ...block.settings])
        ledger.close(line, 'manual', NAME, note);
    }
  },
};

/** Also of a tree: its subdomains are domains as any other, and the name itself is lost. */
function takenName(pattern: DomainPattern): string | undefined {
  const meant = pattern.form === 'name' || pattern.form === 'tree';
  return meant && TAKEN_NAMES.has(pattern.name) ? pattern.name : undefined;
}
