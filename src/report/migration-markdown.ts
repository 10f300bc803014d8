import type { Diagnostic } from '../diagnostics/diagnostic';
import { inInputOrder } from '../diagnostics/order';
import { placeOf } from '../diagnostics/span';
import type { FileCopy, Rename, SystemFile } from '../kumo/model';
import type { ReleaseNeeds } from '../kumo/runtime/release-needs';
import { groupBy } from '../pmta/group-by';
import { OUTCOMES, type Outcome } from '../pmta/ledger';
import { quoteBlock, quoteCode, quoteText } from './quote-markdown';
import {
  groupLines,
  joinNotes,
  MEANING,
  type Migration,
  type OutcomeCounts,
  percent,
  type ReportLine,
  type Summary,
} from './summarise';

/** Of the places of one group, this many are named; all are in migration.json. */
const NAMED_PLACES = 20;

/** `MIGRATION.md`, written for the pull request that brings the tree in. */
export function migrationMarkdown({ summary, renames, copies, systemFiles, diagnostics, release }: Migration): string {
  const having = (...outcomes: readonly Outcome[]): readonly ReportLine[] =>
    summary.lines.filter((line) => outcomes.includes(line.outcome));
  const sections = [
    head(summary),
    section('Tasks for a person', taskList(having('manual'))),
    section('Files to copy', copyList(copies)),
    section('Files to install on the system', installList(systemFiles)),
    section('KumoMTA release', releaseTable(release)),
    section('Not converted', byOutcome(having, ['unsupported', 'unknown', 'invalid'])),
    section('Open questions', questions(diagnostics)),
    section('Converted nearly', noteList(having('approximate'))),
    section('Renamed', renameTable(renames)),
    section('Converted exactly', nameList(having('exact'))),
    section('KumoMTA does so anyway', noteList(having('implicit'))),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function head(summary: Summary): string {
  const outcomes = OUTCOMES.map(
    (outcome) =>
      `| ${outcome} | ${summary.counts[outcome]} | ${percent(summary.counts[outcome], summary.total)} % | ${MEANING[outcome]} |`,
  );
  return [
    '# From PowerMTA to KumoMTA',
    '',
    `${count(summary.total, 'setting was', 'settings were')} read from ${count(summary.inputFiles, 'file', 'files')}. Each has exactly one outcome:`,
    '',
    '| outcome | settings | share | meaning |',
    '|---|---:|---:|---|',
    ...outcomes,
    `| **all** | **${summary.total}** | | |`,
    '',
    ...countTable('area', summary.areas),
    '',
    // For one file it would say again what stands above.
    ...(summary.files.length > 1 ? [...countTable('file', summary.files.map(codeName)), ''] : []),
    'Every single setting, with its place and outcome, is in `migration.json`; `migration.html` shows the lines of both sides.',
  ].join('\n');
}

function codeName<T extends { readonly name: string }>(group: T): T {
  return { ...group, name: quoteCode(group.name, 'table') };
}

function countTable(
  head: string,
  groups: readonly { readonly name: string; readonly total: number; readonly counts: OutcomeCounts }[],
): readonly string[] {
  return [
    `| ${head} | settings | ${OUTCOMES.join(' | ')} |`,
    `|---|---:|${'---:|'.repeat(OUTCOMES.length)}`,
    ...groups.map(
      ({ name, total, counts }) => `| ${name} | ${total} | ${OUTCOMES.map((o) => counts[o]).join(' | ')} |`,
    ),
  ];
}

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`;
}

function taskList(lines: readonly ReportLine[]): string {
  return groupLines(lines)
    .map((group) => `- [ ] ${places(group.places)} ${quoteCode(group.first.directive)}: ${notesOf(group.first)}`)
    .join('\n');
}

function copyList(copies: readonly FileCopy[]): string {
  return copies
    .map(
      ({ what, from, to, origins }) =>
        `- [ ] ${what}: ${quoteCode(from)} to ${quoteCode(to)} (${places(origins.map(placeOf))})`,
    )
    .join('\n');
}

function installList(files: readonly SystemFile[]): string {
  return files
    .map(
      ({ path, content, origins }) =>
        `- [ ] ${quoteCode(path)} (${places(origins.map(placeOf))})\n\n${quoteBlock(content, 2)}`,
    )
    .join('\n\n');
}

function releaseTable(release: ReleaseNeeds | undefined): string {
  if (release === undefined) return '';
  const { lowest, features } = release;
  if (features.length === 0) return `The tree works with KumoMTA ${lowest} or newer.`;
  const rows = features.map(({ what, since, where, more }) => {
    const place = `${quoteCode(where, 'table')}${more === 0 ? '' : ` and ${more} more`}`;
    return `| ${since} | ${quoteText(what)} | ${place} |`;
  });
  const lead = `The tree needs KumoMTA ${lowest} or newer; \`--target\` writes for an older release what that can do.`;
  return [lead, '', '| since | what | where |', '|---|---|---|', ...rows].join('\n');
}

function byOutcome(having: (outcome: Outcome) => readonly ReportLine[], outcomes: readonly Outcome[]): string {
  return outcomes
    .filter((outcome) => having(outcome).length > 0)
    .map((outcome) => `### ${outcome}: ${MEANING[outcome]}\n\n${plainList(having(outcome))}`)
    .join('\n\n');
}

function plainList(lines: readonly ReportLine[]): string {
  return groupLines(lines)
    .map((group) => `- ${places(group.places)} ${quoteCode(group.first.directive)}: ${notesOf(group.first)}`)
    .join('\n');
}

/** Grouped by note: one difference, told once, with every directive and line that it touches. */
function noteList(lines: readonly ReportLine[]): string {
  const byNote = groupBy(lines, notesOf);
  return [...byNote]
    .map(([note, group]) => {
      const directives = groupLines(group).map(
        (same) => `  - ${quoteCode(same.first.directive)}: ${places(same.places)}`,
      );
      return `- ${note}\n${directives.join('\n')}`;
    })
    .join('\n');
}

function nameList(lines: readonly ReportLine[]): string {
  const byName = groupBy(lines, (line) => line.directive);
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => (group.length === 1 ? quoteCode(name) : `${quoteCode(name)} × ${group.length}`))
    .join(', ');
}

function questions(diagnostics: readonly Diagnostic[]): string {
  const asked = inInputOrder(diagnostics).filter(({ severity }) => severity !== 'info');
  const alike = groupBy(asked, ({ severity, message, help }) => JSON.stringify([severity, message, help]));
  return [...alike.values()]
    .map((group) => {
      const found = group.flatMap(({ span }) => (span === undefined ? [] : [placeOf(span)]));
      const [first] = group;
      if (first === undefined) return '';
      const where = found.length === 0 ? '' : `${places(found)} `;
      return `- [ ] ${where}**${first.severity}**: ${quoteText(first.message)} — ${quoteText(first.help)}`;
    })
    .join('\n');
}

function renameTable(renames: readonly Rename[]): string {
  if (renames.length === 0) return '';
  const rows = renames.map(({ what, from, to, why, origin }) => {
    const place = origin === undefined ? '' : quoteCode(placeOf(origin), 'table');
    return `| ${what} | ${quoteCode(from, 'table')} | ${quoteCode(to, 'table')} | ${quoteText(why)} | ${place} |`;
  });
  return ['| what | PowerMTA | KumoMTA | why | where |', '|---|---|---|---|---|', ...rows].join('\n');
}

function notesOf(line: ReportLine): string {
  return line.notes.length === 0 ? 'as it is' : quoteText(joinNotes(line.notes));
}

function places(all: readonly string[]): string {
  const named = all.slice(0, NAMED_PLACES).map((place) => quoteCode(place));
  const more = all.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
