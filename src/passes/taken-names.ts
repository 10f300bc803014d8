import type { DomainBlock, DomainPattern } from '../pmta/model';
import type { Pass } from './pass';
import { TAKEN_NAMES } from './places';

const NAME = 'taken-names';
const NOTE = "KumoMTA's files cannot hold a domain of this name.";

/** Blocks of domains whose names are keys of KumoMTA's files: nothing in them can be converted, whatever it is. */
export const takenNamesPass: Pass = {
  name: NAME,
  needs: [],
  run({ config, diagnostics, ledger }) {
    const owners = [config, ...config.virtualMtas.values(), ...config.pools.values()];
    for (const { block, patterns } of owners.flatMap(({ domains }): readonly DomainBlock[] => domains.blocks)) {
      const taken = patterns.flatMap((pattern) => takenName(pattern) ?? []);
      for (const domain of taken) diagnostics.report('domain-name-taken', block.tag?.span, { domain });
      if (taken.length === 0 || patterns.some((pattern) => !isLost(pattern))) continue;
      for (const line of [...(block.tag === undefined ? [] : [block.tag]), ...block.settings])
        ledger.close(line, 'manual', NAME, NOTE);
    }
  },
};

function takenName(pattern: DomainPattern): string | undefined {
  const meant = pattern.form === 'name' || pattern.form === 'tree';
  return meant && TAKEN_NAMES.has(pattern.name) ? pattern.name : undefined;
}

/** The subdomains of such a name are domains as any other. */
function isLost(pattern: DomainPattern): boolean {
  return pattern.form === 'name' && TAKEN_NAMES.has(pattern.name);
}
