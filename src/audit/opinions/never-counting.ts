import { placeOf } from '../../diagnostics/span';
import { valueOrAll } from '../../pmta/draft';
import type { PmtaConfig, ScopeBlock, Setting } from '../../pmta/model';
import { overriddenSettings } from '../../pmta/overridden';
import type { OpinionContext } from './opinion';

/** Blocks in which no line counts, because other blocks for the same domains say all of it again. */
export function beatenBlocks({ config, diagnostics }: OpinionContext): void {
  const overridden = overriddenSettings(config);
  for (const { block } of domainBlocks(config)) {
    const lines = block.settings.filter(({ value }) => value !== undefined);
    const winners = lines.map((line) => overridden.get(line));
    const [winner] = winners;
    if (block.tag === undefined || winner === undefined || winners.includes(undefined)) continue;
    const related = [{ span: winner.span, message: 'this line counts instead' }];
    diagnostics.report('block-beaten', valueOrAll(block.tag), {}, related);
  }
}

function domainBlocks({ domains, virtualMtas, pools }: PmtaConfig) {
  return [domains, ...[...virtualMtas.values(), ...pools.values()].map((sender) => sender.domains)].flatMap(
    ({ blocks }) => blocks,
  );
}

/** Lines of ordered lists that an earlier line of the list leaves nothing to. */
export function unreachablePatterns({ config, diagnostics }: OpinionContext): void {
  for (const kind of ['pattern-list', 'smtp-pattern-list', 'bounce-category-patterns'] as const) {
    for (const blocks of config.named.get(kind)?.values() ?? []) {
      for (const [line, first] of hiddenLines(blocks)) {
        const related = [{ span: first.span, message: 'this line is taken' }];
        diagnostics.report('pattern-unreachable', line.span, { place: placeOf(first.span) }, related);
      }
    }
  }
}

/** Line → the earlier line that takes everything it could. */
function hiddenLines(blocks: readonly ScopeBlock[]): ReadonlyMap<Setting, Setting> {
  const hidden = new Map<Setting, Setting>();
  const seen = new Map<string, Setting>();
  let all: Setting | undefined;
  for (const line of blocks.flatMap(({ settings }) => settings)) {
    const test = testOf(line);
    if (test === undefined) continue;
    const first = all ?? seen.get(test.text);
    if (first !== undefined) hidden.set(line, first);
    if (!test.decides) continue;
    if (test.fitsAll) all ??= line;
    if (!seen.has(test.text)) seen.set(test.text, line);
  }
  return hidden;
}

interface LineTest {
  /** Equal texts fit the same things. */
  readonly text: string;
  readonly fitsAll: boolean;
  /** Nothing behind it is asked once it fits. */
  readonly decides: boolean;
}

function testOf({ name, value, nested }: Setting): LineTest | undefined {
  switch (value?.kind) {
    case 'pattern': {
      const { header = '', regex, result } = value;
      // What follows when a nested or called list fits nothing is not documented.
      const decides = nested === undefined && result.callTo === undefined;
      return { text: JSON.stringify([name, header.toLowerCase(), regex?.pattern]), fitsAll: name === '*', decides };
    }
    case 'category-pattern':
      return { text: value.regex.pattern, fitsAll: value.regex.pattern === '', decides: true };
    case 'reply':
      // Replies whose actions do not conflict can all act (M5 3.3.15), so that only repetitions are of no use.
      return { text: JSON.stringify([value.regex.pattern, value.actions]), fitsAll: false, decides: true };
    default:
      return undefined;
  }
}
