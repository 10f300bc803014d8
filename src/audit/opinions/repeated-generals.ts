import { valueOrAll } from '../../pmta/draft';
import { patternSettings } from '../../pmta/match';
import type { DomainPattern, DomainScope, PmtaConfig, ScopeBlock, Setting } from '../../pmta/model';
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
    for (const { block, patterns } of scope.blocks) {
      if (block.tag === undefined || patterns.some(({ form }) => form === 'any')) continue;
      const same = block.settings.filter((line) => isSame(line, general.get(line.name)));
      // A line that beats another block for the same domain is not without effect.
      if (same.length === 0 || sharesPattern(scope, block, patterns)) continue;
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

function sharesPattern({ blocks }: DomainScope, own: ScopeBlock, patterns: readonly DomainPattern[]): boolean {
  const names = new Set(patterns.flatMap((pattern) => ('name' in pattern ? [pattern.name] : [])));
  return blocks.some(
    ({ block, patterns: others }) => block !== own && others.some((other) => 'name' in other && names.has(other.name)),
  );
}

function isSame(line: Setting, general: Setting | undefined): boolean {
  if (line.row?.repeats !== 'last' || line.value === undefined || general?.value === undefined) return false;
  return JSON.stringify(line.value) === JSON.stringify(general.value);
}
