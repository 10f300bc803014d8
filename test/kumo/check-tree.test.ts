import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/diagnostics/catalogue';
import { checkTree } from '../../src/kumo/check/check-tree';
import { mxHostsOf } from '../../src/kumo/mx-groups';
import type { Finding } from '../../src/kumo/runtime/finding';
import { scanJson } from '../../src/kumo/runtime/json-places';
import { pathKey, tomlKeyRanges } from '../../src/kumo/runtime/toml-places';
import { DEFECTS, type Defect } from '../support/broken-trees';
import { convertPath, FIXTURES } from '../support/converted';
import { describeCorpus } from '../support/corpus';
import { GOOD_TREE } from '../support/good-tree';
import { installDir } from './small-tree';

function mx(domain: string): { readonly hosts: readonly string[] } | undefined {
  if (domain === 'nomail.example') return { hosts: [] };
  const hosts = mxHostsOf(domain);
  return hosts.length === 0 ? undefined : { hosts };
}

function check(files: Readonly<Record<string, string>>, target = '2026.06.23'): Promise<readonly Finding[]> {
  return checkTree(new Map(Object.entries(files)), { installDir, target, mx, budget: 10_000_000 });
}

interface Broken {
  readonly files: Readonly<Record<string, string>>;
  /** `file:line:column-endColumn` of what the marks enclose. */
  readonly place: string | undefined;
}

function broken({ file, from, to }: Defect): Broken {
  const good = GOOD_TREE[file] ?? '';
  if (!good.includes(from)) throw new Error(`${file} does not hold ${from}`);
  const marked = from === '' ? good + to : good.replace(from, () => to);
  const start = marked.indexOf('«');
  const text = marked.replace(/[«»]/g, '');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const end = column + marked.indexOf('»') - start - 1;
  return {
    files: { ...GOOD_TREE, [file]: text },
    place: start < 0 ? undefined : `${file}:${before.length}:${column}-${end}`,
  };
}

function placeOf({ path, line, column, endColumn }: Finding): string {
  return `${path}:${line}:${column}-${endColumn ?? column}`;
}

describe('a tree without a defect', () => {
  test.each(['2026.06.23', '2024.11.08'])('has no finding but notes, for %s', async (target) => {
    const found = await check(GOOD_TREE, target);
    expect(found.map(({ code }) => code)).toEqual(['tree-needs-restart']);
  });
});

describe('a tree with one defect', () => {
  test.each(DEFECTS.map((defect) => [defect.code, `${defect.file}: ${defect.to.slice(0, 70)}`, defect] as const))(
    '%s in %s',
    async (code, _, defect) => {
      const { files, place } = broken(defect);
      const found = await check(files, defect.target);
      const own = found.filter((finding) => finding.code === code);
      expect(own, JSON.stringify(found)).not.toEqual([]);
      if (place !== undefined) expect(own.map(placeOf)).toContain(place);
    },
  );

  test('there is one for every code that a tree by itself can have', () => {
    const elsewhere =
      /^tree-(?:differs|edited|file-added|file-lacking|file-unread|hand-edits|kumod|kumod-output|set-due-ignored)$/;
    const codes = Object.keys(catalogue).filter((code) => code.startsWith('tree-') && !elsewhere.test(code));
    expect(codes.filter((code) => !DEFECTS.some((defect) => defect.code === code))).toEqual([]);
    expect(DEFECTS.length).toBeGreaterThanOrEqual(60);
  });
});

describe('notes', () => {
  const overlap = (match: string) =>
    check({
      ...GOOD_TREE,
      'shaping.toml': (GOOD_TREE['shaping.toml'] ?? '').replace(
        '["gmail.com"]',
        `[provider."p"]\nmatch = [${match}]\n["gmail.com"]`,
      ),
    }).then((found) => found.filter(({ code }) => code === 'tree-provider-overlap'));

  test('a provider for all domains overlaps with none', async () => {
    expect(await overlap('{ DomainSuffix = "" }')).toEqual([]);
    expect(await overlap('{ DomainSuffix = "gmail.com" }')).toHaveLength(1);
  });

  test('files that need a restart are told of once', async () => {
    const init = GOOD_TREE['init.lua'] ?? '';
    const found = await check({
      ...GOOD_TREE,
      'init.lua': init.replace("dir .. 'bounce_rules.toml'", "dir .. 'bounce_rules.toml', dir .. 'more_rules.toml'"),
      'more_rules.toml': '',
    });
    const notes = found.filter(({ code }) => code === 'tree-needs-restart');
    expect(notes.map(({ message }) => message)).toEqual([
      'read only while KumoMTA starts: bounce_rules.toml, more_rules.toml',
    ]);
  });
});

describe('what the converter writes', () => {
  const cases = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  test.each(cases.map(({ name }) => name))('%s passes without errors', async (name) => {
    const { files } = convertPath(join(FIXTURES, name, 'input'));
    const found = await checkTree(files, { installDir });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describeCorpus('what the converter writes', (configs) => {
  test.each(configs.map(({ name, path }) => [name, path] as const))('%s passes without errors', async (_, path) => {
    const found = await checkTree(convertPath(path).files, { installDir });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('a hostile tree', () => {
  const deep = 20_000;
  test.each<[string, string, string, string]>([
    ['a loop at the top', 'init.lua', 'while true do end', 'tree-limit'],
    [
      'a loop that catches everything',
      'init.lua',
      'while true do pcall(function() while true do end end) end',
      'tree-limit',
    ],
    ['all memory', 'init.lua', "local t = {} while true do t[#t + 1] = ('x'):rep(1000000) end", 'tree-limit'],
    ['a deep expression', 'init.lua', `return ${'('.repeat(deep)}1${')'.repeat(deep)}`, 'tree-lua-syntax'],
    ['a deep table', 'x.toml', `a = ${'['.repeat(deep)}${']'.repeat(deep)}`, 'tree-file-syntax'],
    ['a deep document', 'x.json', '['.repeat(deep), 'tree-file-syntax'],
    ['a text without end', 'x.toml', 'a = "', 'tree-file-syntax'],
    ['another file', 'init.lua', "require('kumo').serde.toml_load '/etc/shadow'", 'tree-file-outside'],
    [
      'a way out',
      'init.lua',
      "require('kumo').serde.toml_load '/opt/kumomta/etc/policy/../../x.toml'",
      'tree-file-outside',
    ],
    ['a process', 'init.lua', "os.execute 'touch /tmp/x'", 'tree-not-modelled'],
  ])('%s ends as a finding', async (_, path, text, code) => {
    const found = await check({ 'init.lua': '', [path]: text });
    expect(found.map((finding) => finding.code)).toContain(code);
  });

  test('an expression that backtracks without end does not hold the check up', async () => {
    const rule = 'regex = "(a+)+$"\naction = "Bounce"\nduration = "1h"\nmatch_internal = true\n';
    const found = await check({
      ...GOOD_TREE,
      'shaping.toml': `["${'a'.repeat(60)}.example"]\n[["default".automation]]\n${rule}`,
    });
    expect(found.map((finding) => finding.code)).not.toContain('tree-limit');
  });
});

describe('places of keys', () => {
  /** Every path of keys in a value, elements counted from 1. */
  function* paths(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
    if (path.length > 0) yield path;
    if (Array.isArray(value))
      for (const [index, item] of value.entries()) yield* paths(item, [...path, String(index + 1)]);
    else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      for (const [key, item] of Object.entries(value)) yield* paths(item, [...path, key]);
    }
  }
  const nasty = [
    'a."b.c".\'d\'=1 # [x]',
    '["q\\"x".\'y.z\'] # c',
    'k = { a = 1, "b" = [ { c = "}" }, { c = \'\'\'',
    "]'''' } ], }",
    'm = """',
    '[no] = 1 \\""" """',
    '[[t]]',
    'x = [1, # one',
    ' "two", [3]]',
    '[[t.u]]',
    'y = 1979-05-27T07:32:00Z',
    '[t.u.v]',
    'z = 1',
    '[[t]]',
    'x = 2',
  ].join('\n');
  const files = [nasty, ...Object.entries(GOOD_TREE).flatMap(([path, text]) => (path.endsWith('.toml') ? [text] : []))];

  test.each(files.map((text) => [text.slice(0, 40), text] as const))(
    'of %j: every key has one, and it is that key',
    (_, text) => {
      const ranges = tomlKeyRanges(text);
      for (const path of paths(parse(text))) {
        const range = ranges.get(pathKey(path));
        expect(range, path.join(' > ')).toBeDefined();
        const last = path.at(-1) ?? '';
        const shown = text.slice(range?.start, range?.end);
        const isIndex = /^\d+$/.test(last);
        if (!isIndex) expect(shown.replace(/^["']|["']$/g, '').replaceAll('\\"', '"')).toBe(last);
      }
    },
  );

  test('of JSON, and where it stops being JSON', () => {
    const text = '{\n "a": {"b\\n": [1, {"c": null}]}}';
    const scan = scanJson(text);
    if (!('ranges' in scan)) throw new Error(scan.fault);
    for (const path of paths(JSON.parse(text))) expect(scan.ranges.has(pathKey(path)), path.join('>')).toBe(true);
    for (const [broken, at] of [
      ['{"a" 1}', 5],
      ['{"a": 1,}', 8],
      ['[1 2]', 3],
      ['{} x', 3],
      ['[01]', 1],
      ['["\n"]', 1],
      ['', 0],
    ] as const) {
      expect(scanJson(broken), broken).toMatchObject({ at });
      expect(() => JSON.parse(broken)).toThrow();
    }
  });
});
