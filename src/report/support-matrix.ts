import type { DirectiveRow, Scope } from '../directives/row';
import { isNotConverted, NOT_CONVERTED } from './not-converted';
import { quoteCode, quoteText } from './quote-markdown';

/** What happens to a directive, as the support matrix names it. `not yet`: planned, and `manual` in this version. */
const SUPPORTS = ['exact', 'approximate', 'implicit', 'not yet', 'manual', 'unsupported'] as const;
export type Support = (typeof SUPPORTS)[number];

export const SUPPORT_MEANING: Readonly<Record<Support, string>> = {
  exact: 'does the same in KumoMTA',
  approximate: 'nearly the same; the report names the difference',
  implicit: 'KumoMTA does so anyway, nothing is written',
  'not yet': 'could be converted, but this version leaves it to a person (outcome `manual`)',
  manual: 'there is a way, and a person has to choose it',
  unsupported: 'KumoMTA has no counterpart',
};

/** What this version does with a directive when its value is in order. */
export function supportOf(row: DirectiveRow): Support {
  if (row.disposition !== 'direct' && row.disposition !== 'lowered') return row.disposition;
  return isNotConverted(row) ? 'not yet' : row.exactness;
}

/** `SUPPORT.md`: every directive and tag, one table a scope. */
export function supportMatrix(rows: readonly DirectiveRow[]): string {
  const scopes = [...new Set(rows.map(({ scope }) => scope))].sort(byScope);
  const sections = scopes.map((scope) =>
    scopeSection(
      scope,
      rows.filter((row) => row.scope === scope),
    ),
  );
  return `${[HEAD, supportSummary(rows), ...sections].join('\n\n')}\n`;
}

/** How many directives there are of each kind. */
export function supportSummary(rows: readonly DirectiveRow[]): string {
  const lines = SUPPORTS.filter((support) => support !== 'not yet' || NOT_CONVERTED.length > 0).map((support) => {
    const count = rows.filter((row) => supportOf(row) === support).length;
    return `| ${support} | ${count} | ${SUPPORT_MEANING[support]} |`;
  });
  return ['| support | directives | meaning |', '|---|---:|---|', ...lines, `| **all** | **${rows.length}** | |`].join(
    '\n',
  );
}

const INTRODUCTION = `This version does not convert the following, though KumoMTA has a way. Each such setting ends \`manual\`, with what it
would become:`;

/** What this version leaves to a person although it could be converted, for the README. */
export function notConvertedList(rows: readonly DirectiveRow[]): string {
  if (NOT_CONVERTED.length === 0)
    return 'Whatever the directive table has a KumoMTA counterpart for is converted; `manual` is what a person has to decide.';
  const lines = NOT_CONVERTED.map(({ what, directives }) => {
    const names = directives.map((directive) => shortName(rows, directive));
    return `- ${what}: ${[...new Set(names)].join(', ')}`;
  });
  return [INTRODUCTION, '', ...lines].join('\n');
}

/** The scope is told where the same name does convert elsewhere. */
function shortName(rows: readonly DirectiveRow[], directive: string): string {
  const blank = directive.indexOf(' ');
  const [scope, name] = [directive.slice(0, blank), directive.slice(blank + 1)];
  const converts = rows.some((row) => row.name === name && ['exact', 'approximate'].includes(supportOf(row)));
  if (!converts) return quoteCode(name);
  return `${quoteCode(name)} ${scope === 'global' ? 'at the top level' : `in ${quoteCode(`<${scope}>`)}`}`;
}

const HEAD = `# What becomes of each PowerMTA directive

Written from the directive table by \`npm run support\`; not to be edited. A directive that may stand in several places
has a row in each. *Since* is the first KumoMTA release that has what is written. What a single value becomes can
differ from its row: the migration report tells it for every line.`;

function scopeSection(scope: Scope, rows: readonly DirectiveRow[]): string {
  const title = scope === 'global' ? 'At the top level' : `In ${quoteCode(`<${scope}>`)}`;
  return [`## ${title}`, '', '| directive | support | becomes | since | remark |', '|---|---|---|---|---|']
    .concat(rows.map(tableRow))
    .join('\n');
}

function tableRow(row: DirectiveRow): string {
  const support = supportOf(row);
  const name = row.name === '' ? '*pattern*' : quoteCode(row.name, 'table');
  const target = row.target === undefined ? '' : quoteCode(row.target, 'table');
  const since = 'since' in row ? row.since : '';
  // Of what converts, the report tells the details.
  const remark = support === 'manual' || support === 'unsupported' ? quoteText(row.note) : '';
  return `| ${name} | ${support} | ${target} | ${since} | ${remark} |`;
}

/** The top level first. */
function byScope(a: Scope, b: Scope): number {
  if (a === 'global' || b === 'global') return a === b ? 0 : a === 'global' ? -1 : 1;
  return a < b ? -1 : 1;
}
