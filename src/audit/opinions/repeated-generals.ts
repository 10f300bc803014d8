import { patternKey } from '../../pmta/domain-pattern';
import { valueOrAll } from '../../pmta/draft';
import { patternSettings } from '../../pmta/match';
import type { DomainPattern, DomainScope, PmtaConfig, Setting } from '../../pmta/model';
import type { OpinionContext } from './opinion';

const ANY: DomainPattern = { form: 'any' };

/**
 * Lines of a domain that say what `<domain *>` beside it says. Only where no wildcard such as `*.x` stands in the same
 * place: there it could be the line that undoes it.
 */
export function repeatedGenerals({ config, diagnostics }: OpinionContext): void {
  for (const scope of scopesOf(config)) {
    const general = patternSettings(scope, ANY);
    if (general.size === 0 || hasWildcards(scope)) continue;
    const blocksOf = countPatterns(scope);
    for (const { block, patterns } of scope.blocks) {
      if (block.tag === undefined || patterns.some(({ form }) => form === 'any')) continue;
      const same = block.settings.filter((line) => isSame(line, general.get(line.name)));
      // A line that beats another block for the same domain is not without effect.
      if (same.length === 0 || patterns.some((pattern) => blocksOf.get(patternKey(pattern)) !== 1)) continue;
      const holes = { count: `${same.length} of ${block.settings.length}` };
      const related = same.map((line) => ({ span: line.span, message: 'repeated' }));
      diagnostics.report('block-repeats-general', valueOrAll(block.tag), holes, related);
    }
  }
}

function scopesOf({ domains, virtualMtas, pools }: PmtaConfig): readonly DomainScope[] {
  return [domains, ...[...virtualMtas.values(), ...pools.values()].map((sender) => sender.domains)];
}

function hasWildcards({ blocks }: DomainScope): boolean {
  return blocks.some(({ patterns }) => patterns.some(({ form }) => form === 'below' || form === 'tree'));
}

/** How many blocks stand for each pattern. */
function countPatterns({ blocks }: DomainScope): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { patterns } of blocks) {
    for (const key of patterns.map(patternKey)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function isSame(line: Setting, general: Setting | undefined): boolean {
  if (line.row?.repeats !== 'last' || line.value === undefined || general?.value === undefined) return false;
  return JSON.stringify(line.value) === JSON.stringify(general.value);
}
