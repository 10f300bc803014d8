import { groupBy } from '../pmta/group-by';
import { OUTCOMES } from '../pmta/ledger';
import { percent } from '../report/summarise';
import type { Audit } from './audit';
import { cutOverSections } from './cut-over-sections';
import { type Block, codesLine, type Line, left, placesLine, right, type Section, text } from './document';
import { EFFORT_CAVEAT, type Effort, hoursText } from './effort';
import { type Finding, TOPICS } from './findings';
import { AUTOMATIC, type Remainder, type Share, type SharedRemainder } from './shares';
import { type Size, sizeRatio } from './size';
import type { CopyTask, Difference, Task } from './tasks';
import type { Total } from './total';

/** Of the findings of one code, and of the files of one kind, this many are shown; all are in the JSON document. */
const NAMED_ALIKE = 10;

/** A report on one configuration, in sections; a part that has nothing to say is left out. */
export function auditSections(audit: Audit): readonly Section[] {
  const { share, areas, files, remainders, tasks, copies, differences, effort, findings, cutOver, size } = audit;
  return [
    { title: audit.config, level: 1, blocks: [verdict(share), outcomeTable(share)] },
    ...part('By area', shareTable('area', areas)),
    ...part('By file', shareTable('file', files)),
    ...part('What does not convert by itself', remainderTable(remainders)),
    ...part('Tasks for a person', taskList(tasks)),
    ...part('Files to copy', copyList(copies)),
    ...part('Differences to review', differenceTable(differences)),
    ...findingSections(findings),
    ...part('Effort', effortBlocks(effort)),
    ...cutOverSections(cutOver),
    ...part('Size', sizeBlocks(size)),
  ];
}

/** The sum over several configurations. */
export function totalSections(total: Total): readonly Section[] {
  const { share, areas, remainders, effort } = total;
  return [
    { title: `All ${total.configs} configurations`, level: 1, blocks: [verdict(share), outcomeTable(share)] },
    ...part('By area', shareTable('area', areas)),
    ...part('What does not convert by itself', sharedTable(remainders)),
    ...part('Effort', [text(`${hoursText(effort)}, the sum of the estimates. ${EFFORT_CAVEAT}`)]),
    ...part('Size', [text(ratioText(total))]),
  ];
}

function part(title: string, blocks: readonly Block[]): readonly Section[] {
  return blocks.length === 0 ? [] : [{ title, level: 2, blocks }];
}

function verdict({ total, automatic }: Share): Block {
  const settings = total === 1 ? '1 setting' : `${total} settings`;
  return text(
    `${settings} in, ${total} outcomes out. ${automatic} (${percent(automatic, total)} %) convert by themselves: they end ${AUTOMATIC.join(', ')}.`,
  );
}

function outcomeTable({ total, counts }: Share): Block {
  return {
    kind: 'table',
    columns: [left('outcome'), right('settings'), right('share')],
    rows: OUTCOMES.map((outcome) => [[outcome], [String(counts[outcome])], [`${percent(counts[outcome], total)} %`]]),
  };
}

function shareTable(what: string, shares: readonly Share[]): readonly Block[] {
  if (shares.length === 0) return [];
  const rows = shares.map(({ name, total, counts, automatic }) => [
    [{ code: name }],
    [String(total)],
    ...OUTCOMES.map((outcome) => [String(counts[outcome])]),
    [`${percent(automatic, total)} %`],
  ]);
  return [{ kind: 'table', columns: [left(what), right('all'), ...OUTCOMES.map(right), right('by itself')], rows }];
}

function remainderTable(remainders: readonly Remainder[]): readonly Block[] {
  return reasonTable(remainders.map((one) => ({ ...one, where: placesLine(one.places) })));
}

function sharedTable(remainders: readonly SharedRemainder[]): readonly Block[] {
  const where = (count: number): Line => [`in ${count} ${count === 1 ? 'configuration' : 'configurations'}`];
  return reasonTable(remainders.map((one) => ({ ...one, where: where(one.configs.length) })));
}

type ReasonRow = Omit<Remainder, 'places'> & { readonly where: Line };

function reasonTable(all: readonly ReasonRow[]): readonly Block[] {
  if (all.length === 0) return [];
  const rows = all.map(({ count, outcome, directive, reason, where }) => [
    [String(count)],
    [outcome],
    [{ code: directive }],
    [{ said: reason }, ' (', ...where, ')'],
  ]);
  return [{ kind: 'table', columns: [right('count'), left('outcome'), left('directive'), left('reason')], rows }];
}

function taskList(tasks: readonly Task[]): readonly Block[] {
  if (tasks.length === 0) return [];
  const items = tasks.map(({ directives, what, page, places }): readonly Line[] => {
    const names = codesLine(directives);
    return [[...names, ...(names.length > 0 ? [': '] : []), { said: what }], placesLine(places), [{ url: page }]];
  });
  return [{ kind: 'list', style: 'tasks', items }];
}

function copyList(copies: readonly CopyTask[]): readonly Block[] {
  if (copies.length === 0) return [];
  const items = copies.map(({ what, page, files }): readonly Line[] => {
    const more = files.length - NAMED_ALIKE;
    return [
      [`${what}: ${files.length === 1 ? '1 file' : `${files.length} files`}, readable for the user kumod`],
      ...files
        .slice(0, NAMED_ALIKE)
        .map(({ from, to, places }): Line => [{ code: from }, ' to ', { code: to }, ...whereLine(places)]),
      ...(more > 0 ? [[`… and ${more} more`]] : []),
      [{ url: page }],
    ];
  });
  return [{ kind: 'list', style: 'tasks', items }];
}

function differenceTable(differences: readonly Difference[]): readonly Block[] {
  if (differences.length === 0) return [];
  const rows = differences.map(({ directives, what, places }) => [
    [String(places.length)],
    [{ said: what }, ' (', ...codesLine(directives), '; ', ...placesLine(places), ')'],
  ]);
  return [{ kind: 'table', columns: [right('lines'), left('what is nearly, not exactly, as before')], rows }];
}

function findingSections(findings: readonly Finding[]): readonly Section[] {
  if (findings.length === 0) return [];
  const intro = text('Whether it was done so for a reason, only you know.');
  const topics = TOPICS.flatMap((topic): readonly Section[] => {
    const own = findings.filter((finding) => finding.topic === topic);
    return own.length === 0 ? [] : [{ title: capital(topic), level: 3, blocks: [findingList(own)] }];
  });
  return [{ title: 'To reconsider', level: 2, blocks: [intro] }, ...topics];
}

/** Findings of one code with the same way out are one item, whatever names are in their messages. */
function findingList(findings: readonly Finding[]): Block {
  const alike = groupBy(findings, ({ code, help }) => `${code} ${help}`);
  const items = [...alike.values()].flatMap((own): readonly (readonly Line[])[] => {
    const [first] = own;
    if (first === undefined) return [];
    const more = own.length - NAMED_ALIKE;
    return [
      [
        [`${first.severity}[${first.code}]`],
        ...own.slice(0, NAMED_ALIKE).map(({ message, places }): Line => [{ said: message }, ...whereLine(places)]),
        ...(more > 0 ? [[`… and ${more} more like it`]] : []),
        ['help: ', { said: first.help }],
      ],
    ];
  });
  return { kind: 'list', style: 'plain', items };
}

function whereLine(places: readonly string[]): Line {
  return places.length === 0 ? [] : [' (', ...placesLine(places), ')'];
}

function effortBlocks({ rows, minutes }: Effort): readonly Block[] {
  return [
    text(`${hoursText(minutes)} of work. ${EFFORT_CAVEAT} The formula is the sum of these products:`),
    {
      kind: 'table',
      columns: [left('what'), right('count'), right('minutes each'), right('minutes')],
      rows: [
        ...rows.map(({ what, count, minutes: each, total }) => [
          [what],
          [String(count)],
          [String(each)],
          [String(total)],
        ]),
        [['all'], [''], [''], [String(minutes)]],
      ],
    },
  ];
}

function sizeBlocks(size: Size): readonly Block[] {
  const rows = size.emitted.map(({ path, lines }) => [[{ code: path }], [String(lines)]]);
  const input = size.input.map(({ path, lines }) => [[{ code: path }, ' (PowerMTA)'], [String(lines)]]);
  return [text(ratioText(size)), { kind: 'table', columns: [left('file'), right('lines')], rows: [...input, ...rows] }];
}

function ratioText(size: Pick<Size, 'inputLines' | 'emittedLines'>): string {
  const ratio = sizeRatio(size);
  const times = ratio === undefined ? '' : `, ${ratio.toFixed(2)} for each`;
  return `${size.inputLines} lines of PowerMTA become ${size.emittedLines} lines of KumoMTA${times}. Blank lines, comments and reports are not counted.`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
