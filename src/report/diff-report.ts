import { Chalk, type ChalkInstance } from 'chalk';
import { AREAS, type Area, type Change, type Comparison, type Risk, type TreePlace } from '../changes/change';
import type { TextChange } from '../changes/text';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { wrap } from '../diagnostics/wrap';
import { counted } from './counted';
import { quoteTerminal } from './quote-terminal';

/** What `diff` has to say. */
export interface DiffReport {
  /** Configuration and tree, as the user named them. */
  readonly config: string;
  readonly directory: string;
  readonly view: 'meaning' | 'text' | 'both';
  readonly stat: boolean;
  /** Absent where it was not asked for, or the tree does not load. */
  readonly comparison?: Comparison;
  readonly texts: readonly TextChange[];
  /** Files of the tree that convert would leave alone. */
  readonly kept: readonly string[];
  /** Files that could not be read. */
  readonly unread: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const AREA_NAMES: Readonly<Record<Area, string>> = {
  sources: 'Sources',
  pools: 'Pools',
  tenants: 'Tenants',
  queues: 'Queues',
  paths: 'Shaping',
  automation: 'Automation',
  dkim: 'DKIM',
  reception: 'Reception of mail',
  retry: 'Retry',
  listeners: 'Listeners',
  'listener-domains': 'Listener domains',
  access: 'Access over HTTP',
  users: 'SMTP users',
  'bounce-rules': 'Bounce rules',
  logging: 'Logs',
  storage: 'Spools',
  handlers: 'Handlers of events',
  data: 'Other files',
  code: 'Lua code',
};

export const RISK_WORDS: Readonly<Record<Risk, string>> = {
  relaying: 'opens relaying',
  address: 'changes a source address',
  signature: 'changes or drops a signature',
  limit: 'loosens a limit',
  encryption: 'weakens encryption',
  route: 'sends mail elsewhere',
};

/** Of the changes of one area, and of the files that stay, this many are shown. */
const SHOWN = 40;

export interface Shown {
  readonly color: boolean;
  readonly width: number;
}

/** The report for a terminal. */
export function diffText(report: DiffReport, { color, width }: Shown): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const { comparison, texts, view, stat } = report;
  const parts = [
    ...(comparison === undefined ? [] : meaningParts(report, comparison, paint, width)),
    ...(view === 'meaning' ? [] : textParts(texts, stat, paint)),
    ...(view === 'text' && texts.length === 0 ? [['The files are the same.']] : []),
    ...footer(report, width),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function meaningParts(report: DiffReport, comparison: Comparison, paint: ChalkInstance, width: number): string[][] {
  const { changes, notes, asked } = comparison;
  const risky = changes.filter(({ risk }) => risk !== undefined);
  const names = `${quoteTerminal(report.config)} and ${quoteTerminal(report.directory)}`;
  const extent = `Asked of both trees: ${QUESTIONS.map((noun) => counted(asked[`${noun}s`], noun)).join(', ')}.`;
  const head =
    changes.length === 0
      ? `${names} mean the same.`
      : `Converting ${quoteTerminal(report.config)} would change ${counted(changes.length, 'thing')} in ${quoteTerminal(report.directory)}${risky.length === 0 ? '' : `; look first at ${counted(risky.length, 'risk')}`}.`;
  const told = notes.flatMap((note) => indented(`Note: ${note}`, 0, width));
  const body = report.stat ? [statOf(changes)] : sections(changes, paint, width);
  return [[...wrap(head, width)], ...body, ...(told.length === 0 ? [] : [told]), [...wrap(extent, width)]].filter(
    (lines) => lines.length > 0,
  );
}

const QUESTIONS = ['source', 'pool', 'queue', 'path', 'message'] as const;

function statOf(changes: readonly Change[]): string[] {
  return statRows(changes).map(({ area, added, removed, changed, risky }) => {
    const counts = [
      [added, 'added'],
      [removed, 'removed'],
      [changed, 'changed'],
    ] as const;
    const shown = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    return `  ${AREA_NAMES[area].padEnd(18)} ${shown.join(', ')}${risky > 0 ? `, ${counted(risky, 'risk')}` : ''}`;
  });
}

export interface StatRow {
  readonly area: Area;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly risky: number;
}

/** How many changes each area has, without the areas that have none. */
export function statRows(changes: readonly Change[]): readonly StatRow[] {
  return AREAS.flatMap((area) => {
    const own = changes.filter((change) => change.area === area);
    const count = (kind: Change['kind']) => own.filter((change) => change.kind === kind).length;
    const risky = own.filter(({ risk }) => risk !== undefined).length;
    const row = { area, added: count('added'), removed: count('removed'), changed: count('changed'), risky };
    return own.length === 0 ? [] : [row];
  });
}

function sections(changes: readonly Change[], paint: ChalkInstance, width: number): string[][] {
  const risky = changes.filter(({ risk }) => risk !== undefined);
  const others = AREAS.map(
    (area) => [AREA_NAMES[area], changes.filter((each) => each.area === area && each.risk === undefined)] as const,
  );
  return [['Risks', risky] as const, ...others]
    .filter(([, list]) => list.length > 0)
    .map(([title, list]) => {
      const rows = list.slice(0, SHOWN).flatMap((change) => rowsOf(change, title === 'Risks', paint, width));
      const more = list.length > SHOWN ? [`  … and ${list.length - SHOWN} more; --format json lists all`] : [];
      return [paint.bold(title), ...rows, ...more];
    });
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function rowsOf(change: Change, isRisk: boolean, paint: ChalkInstance, width: number): readonly string[] {
  const { kind, area, subject, field, before, after, risk, verdict, why, uncertain } = change;
  const sign = isRisk ? '!' : SIGNS[kind];
  const mark = (isRisk ? paint.red : kind === 'added' ? paint.green : kind === 'removed' ? paint.red : paint.yellow)(
    sign,
  );
  const words = [
    ...(risk === undefined ? [] : [RISK_WORDS[risk]]),
    ...(isRisk || verdict === 'differs' ? [] : [verdict]),
    ...(kind === 'changed' ? [] : [kind]),
    ...(uncertain ? ['perhaps: an answer hangs on what only a server knows'] : []),
  ];
  const label = isRisk ? `${AREA_NAMES[area]}, ${quoteTerminal(subject)}` : quoteTerminal(subject);
  const values = valuesOf(kind, field, before, after);
  const text = `${label}${values === '' ? '' : `: ${values}`}${words.length === 0 ? '' : ` (${words.join('; ')})`}`;
  const [first = '', ...rest] = wrap(text, width - 4);
  const where = placesText(change);
  return [
    `  ${mark} ${first}`,
    ...rest.map((line) => `    ${line}`),
    ...(why === undefined ? [] : indented(why, 4, width)),
    ...(where === '' ? [] : indented(where, 4, width).map((line) => paint.dim(line))),
  ];
}

function valuesOf(
  kind: Change['kind'],
  field: string | undefined,
  before: string | undefined,
  after: string | undefined,
): string {
  const name = field === undefined ? '' : `${quoteTerminal(field)} `;
  const [old, wanted] = [before, after].map((value) => (value === undefined ? undefined : quoteTerminal(value)));
  if (kind === 'changed' && old !== undefined && wanted !== undefined) return `${name}${old} → ${wanted}`;
  return `${name}${wanted ?? old ?? ''}`.trimEnd();
}

function placesText({ lines, tree, converted }: Change): string {
  const parts = [
    ...(lines.length === 0 ? [] : [lines.slice(0, 4).map(quoteTerminal).join(', ')]),
    ...(tree === undefined ? [] : [`${placeText(tree)} in the tree`]),
    ...(converted === undefined || lines.length > 0 ? [] : [`${placeText(converted)} as converted`]),
  ];
  return parts.join(' · ');
}

function placeText({ path, line }: TreePlace): string {
  return line === undefined ? quoteTerminal(path) : `${quoteTerminal(path)}:${line}`;
}

function indented(text: string, by: number, width: number): string[] {
  return wrap(text, width - by).map((line) => ' '.repeat(by) + line);
}

function textParts(texts: readonly TextChange[], stat: boolean, paint: ChalkInstance): string[][] {
  if (texts.length === 0) return [];
  if (stat) return [texts.map((each) => `  ${quoteTerminal(each.path)}: ${textCount(each)}`)];
  return texts.map((each) => patchLines(each).map((line) => paintLine(quoteTerminal(line), paint)));
}

function textCount({ kind, shown, added, removed }: TextChange): string {
  const word = kind === 'changed' ? '' : `${kind}, `;
  return shown === 'patch'
    ? `${word}+${added} -${removed}`
    : `${word}${shown === 'hidden' ? 'secret, not shown' : 'not text'}`;
}

function patchLines({ path, kind, shown, patch }: TextChange): readonly string[] {
  if (shown === 'patch') return patch.replace(/\n$/, '').split('\n');
  const reason = shown === 'hidden' ? 'what secret files hold is not shown' : 'it is not UTF-8 text';
  return [`File ${JSON.stringify(path)} ${kind === 'changed' ? 'differs' : `is ${kind}`}: ${reason}`];
}

function paintLine(line: string, paint: ChalkInstance): string {
  if (/^(?:---|\+\+\+) /.test(line)) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}

/** The files that differ, for `patch -p1`. `visible`: for a terminal, which would obey control characters. */
export function patchText(
  { texts }: DiffReport,
  { color, visible }: { readonly color: boolean; readonly visible: boolean },
): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const lines = texts.flatMap(patchLines).map((line) => paintLine(visible ? quoteTerminal(line) : line, paint));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function footer({ view, texts, kept, unread }: DiffReport, width: number): string[][] {
  const lines = [
    ...(view === 'meaning' && texts.length > 0
      ? [
          `${counted(texts.length, 'file')} ${texts.length === 1 ? 'differs' : 'differ'} as text; --view text shows how.`,
        ]
      : []),
    ...(kept.length === 0 ? [] : [`Not from the configuration, and left alone: ${listed(kept)}.`]),
    ...(unread.length === 0 ? [] : [`Could not be read: ${listed(unread)}.`]),
  ];
  return lines.length === 0 ? [] : [lines.flatMap((line) => wrap(line, width))];
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).map(quoteTerminal).join(', ') + more;
}
