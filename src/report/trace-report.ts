import { originOf, originsOf } from '../compare/origins';
import type { Trace } from '../compare/trace';
import { displayWidth } from '../diagnostics/visible';
import { wrap } from '../diagnostics/wrap';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { Setting } from '../pmta/model';
import { type Json, toJsonText } from './json-text';
import { padEnd, quoteTerminal } from './quote-terminal';

/** `pmta2kumo.trace/1`: one path on both sides, or of a pool the first member's and, as `members`, all. No secrets. */
export function traceJson(tree: LoadedTree, traces: readonly Trace[]): string {
  const [first] = traces;
  if (first === undefined) return '';
  const { domain, pool } = first;
  const base = { schema: 'pmta2kumo.trace/1', vmta: first.vmta, ...(pool === undefined ? {} : { pool }), domain };
  const members = traces.map((trace) => ({ vmta: trace.vmta, ...sidesOf(tree, trace) }));
  return toJsonText({ ...base, ...sidesOf(tree, first), ...(pool === undefined ? {} : { members }) });
}

function sidesOf(tree: LoadedTree, trace: Trace): Readonly<Record<string, Json>> {
  const { pmta, kumo, comparison } = trace;
  const settings = [...pmta.settings].map(([directive, { setting }]): [string, Json] => [
    directive,
    { value: settingText(setting), origin: originOf(pmta, { directive }) },
  ]);
  return {
    pmta: { queue: `${pmta.queue}/${trace.vmta}`, settings: Object.fromEntries(settings) },
    kumo: {
      tenant: kumo.tenant,
      pool: kumo.pool,
      sources: kumo.sources,
      routing_domain: kumo.routingDomain,
      queue: plain(kumo.queue),
      paths: Object.fromEntries([...kumo.paths].map(([source, path]) => [source, plain(path)])),
    },
    comparison: comparison.map((each) => {
      const { directive, pmta: before, kumo: after, verdict, why } = each;
      return { directive, pmta: before, kumo: after, verdict, why, ...originsOf(tree, trace, each) };
    }),
  };
}

/** What came out of the Lua runtime, as JSON has it. */
function plain(value: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(value) ?? 'null');
  return parsed;
}

/** The same for people. */
export function traceText(tree: LoadedTree, trace: Trace, width: number): string {
  const { pmta, kumo } = trace;
  const through = trace.pool === undefined ? '' : `, chosen through the pool ${quoteTerminal(trace.pool)}`;
  const title = `Mail to ${quoteTerminal(trace.domain)} through the virtual-mta ${quoteTerminal(trace.vmta)}${through}`;
  const queue = `  PowerMTA  queue ${quoteTerminal(`${pmta.queue}/${trace.vmta}`)}`;
  if (trace.noMail !== undefined) {
    const lines = wrap(quoteTerminal(trace.noMail), width - 2).map((line) => `  ${line}`);
    return `${[title, '', queue, '', ...lines].join('\n')}\n`;
  }
  const head = [
    title,
    '',
    queue,
    `  KumoMTA   tenant ${quoteTerminal(kumo.tenant)}, pool ${quoteTerminal(kumo.pool)}, ${sourcesText(kumo.sources)}`,
    ...(kumo.routingDomain === null ? [] : [`            routed to ${quoteTerminal(kumo.routingDomain)}`]),
    ...(kumo.message === undefined
      ? ['            no client of the configuration gets this tenant: what only a message shows was not looked at']
      : []),
  ];
  return `${[...head, '', ...comparisonTable(tree, trace, width)].join('\n')}\n`;
}

function sourcesText(sources: readonly string[]): string {
  if (sources.length === 0) return 'no source';
  return `${sources.length === 1 ? 'source' : 'sources'} ${sources.map(quoteTerminal).join(', ')}`;
}

const HEADER = ['', 'PowerMTA', 'KumoMTA', '', 'from', 'to'];
/** Cells are cut here, so that one long value does not push the others off the screen. */
const WIDEST = 28;

function comparisonTable(tree: LoadedTree, trace: Trace, width: number): readonly string[] {
  const { comparison } = trace;
  const rows = comparison.map((each) => {
    const { pmtaOrigin, kumoOrigin } = originsOf(tree, trace, each);
    return [each.directive, each.pmta, each.kumo, each.verdict, pmtaOrigin, kumoOrigin];
  });
  const cells = [HEADER, ...rows].map((row) => row.map((cell) => cut(quoteTerminal(cell))));
  const columns = HEADER.map((_, i) => Math.max(...cells.map((row) => displayWidth(row[i] ?? ''))));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, i) => padEnd(cell, displayWidth(cell), columns[i] ?? 0)).join('  ')}`.trimEnd();
  return cells.flatMap((row, i) => {
    const why = comparison[i - 1]?.why ?? '';
    return i === 0 || why === '' ? [line(row)] : [line(row), ...wrap(why, width - 6).map((each) => `      ${each}`)];
  });
}

function cut(text: string): string {
  return displayWidth(text) <= WIDEST ? text : `${[...text].slice(0, WIDEST - 1).join('')}…`;
}

/** The value of a setting as written; secrets and what names their files stay out. */
export function settingText({ value, raw }: Setting): string {
  const secret = value?.kind === 'secret' || value?.kind === 'path-secret' || value?.kind === 'privacy-policy';
  return secret ? '(secret)' : raw.trim();
}
