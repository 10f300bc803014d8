import type { Verdict } from '../compare/sides';
import { type Difference, isFailure, type Verification } from '../compare/verify';
import { wrap } from '../diagnostics/wrap';
import { type Json, toJsonText } from './json-text';
import { quoteTerminal } from './quote-terminal';

/** `pmta2kumo.verify/1`; `more` is what else was looked at. */
export function verifyJson(
  { pairs, comparisons, differences }: Verification,
  more: Readonly<Record<string, Json>> = {},
): string {
  return toJsonText({
    schema: 'pmta2kumo.verify/1',
    pairs,
    comparisons: { ...comparisons },
    failed: differences.some(isFailure),
    differences: differences.map(({ directive, verdict, why, count, explained, examples }) => ({
      directive,
      verdict,
      explained,
      count,
      why,
      examples: examples.map((each) => ({ ...each })),
    })),
    ...more,
  });
}

/** The same for people: the summary, then the differences by cause, those that nothing explains first. */
export function verifyText(verification: Verification, width: number): string {
  const { pairs, comparisons, differences } = verification;
  const failing = differences.filter(isFailure);
  const told = differences.filter((each) => !isFailure(each));
  const total = Object.values(comparisons).reduce((sum, count) => sum + count, 0);
  const head = [
    `${pairs === 1 ? '1 pair' : `${pairs} pairs`} of a virtual-mta and a domain, ${total} comparisons`,
    ...VERDICTS.map(
      (verdict) => `  ${verdict.padEnd(15)} ${String(comparisons[verdict]).padStart(String(total).length)}`,
    ),
  ];
  const none = failing.length === 0 ? [passText(comparisons)] : [];
  const parts = [
    head,
    none,
    ...section('Not explained by the migration report:', failing, width),
    ...section('Known differences:', told, width),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function passText({ looser, differs }: Verification['comparisons']): string {
  const count = looser + differs;
  if (count === 0) return 'Nothing is looser, and nothing differs.';
  const found = count === 1 ? '1 comparison is' : `${count} comparisons are`;
  return `${found} looser or other, as the migration report says of the lines behind: read below whether you can live with it.`;
}

const VERDICTS: readonly Verdict[] = ['equal', 'stricter', 'looser', 'differs', 'not-comparable'];

function section(title: string, differences: readonly Difference[], width: number): readonly (readonly string[])[] {
  if (differences.length === 0) return [];
  return [[title, ...differences.flatMap((each) => rows(each, width))]];
}

function rows({ directive, verdict, why, count, examples }: Difference, width: number): readonly string[] {
  const times = count === 1 ? '1 pair' : `${count} pairs`;
  const shown = examples.map(
    ({ pair, pmta, kumo, pmtaOrigin = '', kumoOrigin = '' }) =>
      `    ${quoteTerminal(pair)}: ${quoteTerminal(pmta)} in PowerMTA${at(pmtaOrigin)}, ${quoteTerminal(kumo)} in KumoMTA${at(kumoOrigin)}`,
  );
  const reason = why === '' ? [] : wrap(why, width - 4).map((line) => `    ${line}`);
  return [`  ${quoteTerminal(directive)}: ${verdict} in ${times}`, ...reason, ...shown];
}

function at(origin: string): string {
  return origin === '' ? '' : ` (${quoteTerminal(origin)})`;
}
