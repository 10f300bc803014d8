import { describe, expect, it } from 'vitest';
import { type Converted, convertText, loadConverted } from './support/converted';
import { ROW_POSITIONS, type RowPosition } from './support/hostile-positions';
import { quoted } from './support/hostile-values';
import { HOSTILE_VECTORS, type HostileVector } from './support/hostile-vectors';
import { FOREIGN_MARKUP, pageOf, reportsOf, UNSAFE } from './support/shown';
import { dataOf, isPart } from './support/tree-data';

/** A value is written bare and in quotes: what the language makes of the bare one may be several values, or none. */
const SPELLINGS: readonly { readonly name: string; readonly write: (value: string) => string }[] = [
  { name: 'in quotes', write: quoted },
  { name: 'bare', write: (value) => value },
];

const OPTIONS = { allowOpenRelay: true };
/** Every value everywhere takes minutes; without it each position meets some of them, and all of them in quotes where they count. */
const ALL = process.env['HOSTILE_ALL'] === '1';

const PLAIN = 'plainword.example';

/** Whether an ordinary value comes out of the conversion in this place. */
function lands(position: RowPosition): boolean {
  return isPart(PLAIN, convertText(position.config(PLAIN), OPTIONS));
}

/** Whether something was said about the value, or its line did not convert as it stands. */
function isTold({ conversion, diagnostics }: Converted): boolean {
  const kept: readonly string[] = ['exact', 'approximate', 'implicit'];
  return (
    diagnostics.list.some(({ severity }) => severity !== 'info') ||
    conversion.ledger.entries().some(({ outcome }) => !kept.includes(outcome))
  );
}

function faultOf(converted: Converted, value: string, landing: boolean): string {
  const { conversion, diagnostics, files } = converted;
  const settled = conversion.ledger.entries().map(({ setting }) => setting.id);
  if (settled.join() !== conversion.config.settings.map(({ id }) => id).join()) return 'not every setting settled once';
  if (diagnostics.list.some(({ code }) => code === 'emitted-invalid')) return 'emitted what cannot be read back';
  dataOf(files);
  // A line end is none of a value: it ends the line or is taken out. Paths are written without doubled slashes.
  const wanted = /[\r\n]/.test(value) ? '' : value;
  if (landing && !isTold(converted) && ![wanted, wanted.replace(/\/+/g, '/')].some((text) => isPart(text, converted)))
    return 'lost without a word';
  return '';
}

/** What is wrong with `migration.html`. */
function pageFault(converted: Converted): string {
  const page = pageOf(converted);
  if (UNSAFE.test(page)) return 'raw control characters in the page';
  return FOREIGN_MARKUP.test(page) || /href="(?!https?:|#)/i.test(page) ? 'markup in the page' : '';
}

/** What is wrong with the reports on a conversion. */
function reportFault(converted: Converted): string {
  const { markdown, json, terminal } = reportsOf(converted);
  if (UNSAFE.test(markdown) || UNSAFE.test(terminal) || UNSAFE.test(json)) return 'raw control characters';
  if (/^::/m.test(terminal)) return 'a workflow command';
  const prose = markdown.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  if (/<script|<svg|<img|(?<!\\)\]\(|!\[|@everyone/.test(prose)) return 'Markdown that is not text';
  return '';
}

function guarded(check: () => string): string {
  try {
    return check();
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Trees with the value in their Lua, which is then run; others hold data only, which was read back. */
function inLua({ files, diagnostics }: Converted): boolean {
  return !diagnostics.hasErrors && [...files].some(([path, text]) => path.endsWith('.lua') && text.includes('pwned'));
}

async function runFault(converted: Converted): Promise<string> {
  const tree = await loadConverted(converted, OPTIONS);
  tree.close();
  return tree.findings
    .filter(({ severity, code }) => severity === 'error' && code !== 'tree-file-missing')
    .map(({ message }) => message)
    .join();
}

interface Tried {
  readonly faults: readonly string[];
  readonly tries: number;
  readonly runs: number;
}

/** Each vector in both spellings; of those that got into Lua, a few are run, since a position quotes all alike. */
async function attempt(position: RowPosition, index: number): Promise<Tried> {
  const faults: string[] = [];
  const toRun: [HostileVector, Converted][] = [];
  const landing = lands(position);
  // Bare values are tried with some, what never gets into the tree with a few; another few each time.
  const converts = position.row.disposition === 'direct' || position.row.disposition === 'lowered';
  let tries = 0;
  for (const [spelling, { name, write }] of SPELLINGS.entries()) {
    for (const [number, vector] of HOSTILE_VECTORS.entries()) {
      if (!ALL && (number + index) % (converts ? ([1, 4][spelling] ?? 1) : 9) !== 0) continue;
      tries++;
      const converted = convertText(position.config(write(vector.value)), OPTIONS);
      const fault = guarded(() => {
        const found = faultOf(converted, vector.value, landing && spelling === 0);
        // Reports are slow: each position shows every sixth vector, another one each time, and fewer in the page.
        if (found !== '' || (number + index) % 6 !== 0) return found;
        const shown = reportFault(converted);
        return shown === '' && (number + index) % 36 === 0 ? pageFault(converted) : shown;
      });
      if (fault !== '') faults.push(`${vector.name}, ${name}: ${fault}`);
      if (fault === '' && inLua(converted)) toRun.push([vector, converted]);
    }
  }
  const some = toRun.filter((_, at) => at % Math.ceil(toRun.length / 5) === 0);
  for (const [vector, converted] of some) {
    const fault = await runFault(converted);
    if (fault !== '') faults.push(`${vector.name}, run: ${fault}`);
  }
  return { faults, tries, runs: some.length };
}

describe(`${ROW_POSITIONS.length} positions × ${HOSTILE_VECTORS.length} hostile values, bare and in quotes${ALL ? '' : ' (a part; HOSTILE_ALL=1 for all)'}`, () => {
  const scopes = [...new Set(ROW_POSITIONS.map(({ row }) => row.scope))];

  it.each(scopes)(
    'of %s: every value stays data, is told or refused',
    async (scope) => {
      const found: string[] = [];
      for (const [index, position] of ROW_POSITIONS.entries()) {
        if (position.row.scope !== scope) continue;
        const { faults } = await attempt(position, index);
        found.push(...faults.map((fault) => `${position.name}: ${fault}`));
      }
      expect(found).toEqual([]);
    },
    600_000,
  );

  it('covers every row of the table, and enough of them keep an ordinary value', () => {
    // Else the tests above could not tell a lost value.
    expect(ROW_POSITIONS.length).toBeGreaterThan(450);
    expect(ROW_POSITIONS.filter(lands).length).toBeGreaterThan(40);
  }, 600_000);
});
