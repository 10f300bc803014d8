import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DirectiveRow } from '../src/directives/row';
import { DIRECTIVES } from '../src/directives/table';
import { isNotConverted, NOT_CONVERTED } from '../src/report/not-converted';
import { notConvertedList, supportMatrix, supportOf, supportSummary } from '../src/report/support-matrix';
import { verdictOf } from './support/probes';

const ROOT = join(import.meta.dirname, '..');
const UPDATE = process.env['UPDATE_SUPPORT'] === '1';

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The text with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
function withSection(text: string, name: string, body: string): string {
  const [before, rest, ...more] = text.split(`<!-- ${name} -->\n`);
  const after = rest?.split(`<!-- /${name} -->`)[1];
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`no one section ${name}`);
  return `${before}<!-- ${name} -->\n${body}\n<!-- /${name} -->${after}`;
}

function keyOf({ scope, name }: DirectiveRow): string {
  return `${scope} ${name}`;
}

describe('the support matrix', () => {
  it('is what the directive table says (npm run support rewrites it)', () => {
    const matrix = supportMatrix(DIRECTIVES);
    const readme = withSection(
      withSection(read('README.md'), 'support', supportSummary(DIRECTIVES)),
      'not converted',
      notConvertedList(DIRECTIVES),
    );
    if (UPDATE) {
      writeFileSync(join(ROOT, 'SUPPORT.md'), matrix);
      writeFileSync(join(ROOT, 'README.md'), readme);
    }
    expect(read('SUPPORT.md')).toBe(matrix);
    expect(read('README.md')).toBe(readme);
  });

  it('has a row for every directive', () => {
    const rows = supportMatrix(DIRECTIVES)
      .split('\n')
      .filter((line) => /^\| (?:`|\*pattern\*)/.test(line));
    expect(rows).toHaveLength(DIRECTIVES.length);
  });

  it('calls a row by what its disposition says', () => {
    const row = (name: string, scope: DirectiveRow['scope']): DirectiveRow => {
      const found = DIRECTIVES.find((candidate) => candidate.name === name && candidate.scope === scope);
      if (found === undefined) throw new Error(`${scope} ${name}`);
      return found;
    };
    // run-as-root: KumoMTA always becomes the user kumod. gm-imprinter: Goodmail is gone.
    expect(supportOf(row('run-as-root', 'global'))).toBe('implicit');
    expect(supportOf(row('<gm-imprinter>', 'global'))).toBe('unsupported');
    expect(supportOf(row('always-allow-relaying', 'source'))).toBe('exact');
    expect(supportOf(row('max-smtp-out', 'domain'))).toBe('approximate');
  });
});

describe('what this version does not convert', () => {
  const planned = DIRECTIVES.filter(({ disposition }) => disposition === 'direct' || disposition === 'lowered');
  /** The grammar does not nest this list, so no text reaches its row. */
  const UNREACHABLE = ['pattern-list <pattern-list>'];

  it('is listed completely, and nothing else is (src/report/not-converted.ts)', () => {
    const verdicts = planned.map((row) => ({ row, verdict: verdictOf(row) }));
    expect(verdicts.filter(({ verdict }) => verdict === 'invalid').map(({ row }) => keyOf(row))).toEqual(UNREACHABLE);
    const put = (wanted: boolean): readonly string[] =>
      verdicts
        .filter(({ row, verdict }) => isNotConverted(row) !== wanted && (verdict === 'not converted') === wanted)
        .map(({ row }) => keyOf(row));
    expect({ 'add to the list': put(true), 'take out of the list': put(false) }).toEqual({
      'add to the list': [],
      'take out of the list': [],
    });
  });

  it('names each directive once, and only those that are planned', () => {
    const listed = NOT_CONVERTED.flatMap(({ directives }) => directives);
    expect(listed).toEqual([...new Set(listed)]);
    const keys = new Set(planned.map(keyOf));
    expect(listed.filter((key) => !keys.has(key))).toEqual([]);
  });
});

describe('the README', () => {
  const excerpts = [...read('README.md').matchAll(/<!-- excerpt: (\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(
    ([, path = '', text = '']) => ({ path, lines: text.trimEnd().split('\n') }),
  );

  it('shows inputs and what they become', () => {
    expect(excerpts.filter(({ path }) => path.includes('/input/'))).toHaveLength(2);
    expect(excerpts.filter(({ path }) => path.includes('/expected/'))).toHaveLength(2);
  });

  it.each(excerpts)('quotes $path line by line, in order', ({ path, lines }) => {
    const source = read(path).split('\n');
    let from = 0;
    let skipping = true;
    for (const line of lines) {
      if (line === '…') {
        skipping = true;
        continue;
      }
      const at = source.indexOf(line, from);
      expect(at, line).toBeGreaterThanOrEqual(from);
      if (!skipping) expect(at, `${line} does not follow at once`).toBe(from);
      from = at + 1;
      skipping = false;
    }
  });

  it('tells of every option of every command', () => {
    const sources = readdirSync(join(ROOT, 'src')).filter((name) => /^cli.*\.ts$/.test(name));
    const code = sources.map((name) => read(`src/${name}`)).join('\n');
    const found = [...code.matchAll(/(?:option|Option)\('(?:-\w, )?(--[a-z-]+)/g)];
    const options = found.map(([, name = '']) => name).filter((name) => name !== '--help');
    const readme = read('README.md');
    expect(options.length).toBeGreaterThan(8);
    expect(options.filter((name) => !new RegExp(`^\\| \`(?:-\\w, )?${name}\\b`, 'm').test(readme))).toEqual([]);
  });

  it('links only to what is there', () => {
    const links = [...read('README.md').matchAll(/\]\(([^):#]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(3);
    for (const path of links) expect(read(path).length, path).toBeGreaterThan(0);
  });
});
