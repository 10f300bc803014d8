import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What each module may import: other modules, and packages of others. The picture behind it is in src/README.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  diagnostics: ['chalk', 'get-east-asian-width'],
  host: [],
  directives: ['diagnostics', 'ipaddr.js'],
  syntax: ['diagnostics', 'host', 'chevrotain'],
  pmta: ['syntax', 'directives', 'diagnostics', 'ipaddr.js'],
  kumo: ['diagnostics', 'ipaddr.js', 'luaparse', 'smol-toml', 'wasmoon'],
  passes: ['pmta', 'kumo', 'directives', 'diagnostics', 'ipaddr.js'],
  emit: ['kumo', 'diagnostics', 'templates', 'handlebars', 'luaparse', 'smol-toml'],
  merge: ['node-diff3'],
  report: [
    'pmta',
    'directives',
    'diagnostics',
    'kumo',
    'emit',
    'compare',
    'changes',
    'merge',
    'templates',
    'chalk',
    'handlebars',
  ],
  // Neither side may come from the converter.
  compare: ['pmta', 'directives', 'diagnostics', 'kumo'],
  changes: ['diagnostics', 'kumo', 'emit', 'compare', 'diff', 'ipaddr.js', 'luaparse'],
  audit: ['syntax', 'pmta', 'directives', 'diagnostics', 'kumo', 'emit', 'report', 'chalk'],
  pipeline: ['syntax', 'pmta', 'directives', 'diagnostics', 'host', 'kumo', 'passes', 'emit'],
};
const BEFORE_COMMANDS = Object.keys(MAY_IMPORT);
const RULES: Readonly<Record<string, readonly string[]>> = {
  ...MAY_IMPORT,
  commands: BEFORE_COMMANDS,
  cli: [...BEFORE_COMMANDS, 'commands', 'commander', 'smol-toml'],
};

/** Files that are data or follow from data, and may be long. */
const TABLES: readonly RegExp[] = [
  /^diagnostics\/(?:catalogue|explanations|examples)\.ts$/,
  /^directives\/(?:.*\/)?(?:table|rows)[\w-]*\.ts$/,
  /^directives\/rows\//,
  /^kumo\/api\//,
  /^passes\/path-fields\.ts$/,
];
const LONGEST_FILE = 250;

interface SourceFile {
  /** Below src, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const files: readonly SourceFile[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, 'src', path), 'utf8') }));

/** `src/syntax/load.ts` → syntax, `src/host-disk.ts` → host, `src/cli-program.ts` → cli. */
function moduleOf(path: string): string {
  const first = path.split('/')[0] ?? '';
  return first.replace(/\.ts$/, '').replace(/^(host|cli)-.*$/, '$1');
}

/** What the file imports, with or without `type`, at load time or later. */
function importsOf({ text }: SourceFile): readonly string[] {
  const found = text.matchAll(
    /(?:^|\n)(?:import|export)\s[^'";]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The module or package that an import leads to; undefined for Node itself. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) return specifier.split('/')[0];
  const path = posix.join(posix.dirname(file), specifier);
  return path.startsWith('../') ? path.split('/')[1] : moduleOf(path);
}

/** Imports that the table does not allow, as `file -> target`. */
function forbiddenImports(file: SourceFile): readonly string[] {
  const own = moduleOf(file.path);
  const allowed = RULES[own] ?? [];
  return importsOf(file)
    .map((specifier) => targetOf(file.path, specifier))
    .filter((target) => target !== undefined && target !== own && !allowed.includes(target))
    .map((target) => `${file.path} -> ${target}`);
}

/** What no source file may do, and which may after all. */
const FORBIDDEN: readonly { readonly what: string; readonly pattern: RegExp; readonly except: RegExp }[] = [
  { what: 'a default export', pattern: /^export default\b/m, except: /^$/ },
  { what: 'console', pattern: /\bconsole\.\w+\(/, except: /^$/ },
  { what: 'process.exit or argv', pattern: /\bprocess\.(?:exit|exitCode|argv|stdout|stderr)\b/, except: /^cli\.ts$/ },
  { what: 'any', pattern: /(?:[:<,|]\s*any\b|\bas any\b)/, except: /^$/ },
  { what: 'a cast that hides a doubt', pattern: /\bas unknown as\b/, except: /^$/ },
  { what: 'a switched-off check', pattern: /@ts-(?:ignore|nocheck|expect-error)|biome-ignore/, except: /^$/ },
  { what: 'a file extension in an import', pattern: /from '\.[^']*\.(?:ts|js)'/, except: /^$/ },
];

function forbiddenThings({ path, text }: SourceFile): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  return FORBIDDEN.filter(({ pattern, except }) => pattern.test(code) && !except.test(path)).map(
    ({ what }) => `${path}: ${what}`,
  );
}

describe('architecture', () => {
  it('reads the sources', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length);
  });

  it('has a rule for every module', () => {
    const modules = new Set(files.filter(({ path }) => !path.endsWith('.d.ts')).map(({ path }) => moduleOf(path)));
    expect([...modules].filter((name) => !(name in RULES))).toEqual([]);
  });

  it('imports only what stands above it', () => {
    expect(files.flatMap(forbiddenImports)).toEqual([]);
  });

  it('would notice', () => {
    const at = (path: string, text: string): SourceFile => ({ path, text });
    expect(forbiddenImports(at('syntax/x.ts', "import { a } from '../pmta/y';"))).toEqual(['syntax/x.ts -> pmta']);
    expect(forbiddenImports(at('pmta/x.ts', "import type {\n  A,\n} from '../kumo/y';"))).toEqual([
      'pmta/x.ts -> kumo',
    ]);
    expect(forbiddenImports(at('emit/x.ts', "export { a } from 'chevrotain';"))).toEqual(['emit/x.ts -> chevrotain']);
    expect(forbiddenImports(at('passes/x.ts', "const a = await import('../emit/y');"))).toEqual([
      'passes/x.ts -> emit',
    ]);
    expect(forbiddenImports(at('emit/x.ts', "import 'commander';"))).toEqual(['emit/x.ts -> commander']);
    expect(forbiddenImports(at('emit/x.ts', "import { a } from './y';\nimport { b } from 'node:fs';"))).toEqual([]);
    expect(forbiddenThings(at('emit/x.ts', 'console.log(1);\nexport default 1;'))).toHaveLength(2);
    expect(forbiddenThings(at('commands/x.ts', 'process.exit(1);'))).toHaveLength(1);
    expect(forbiddenThings(at('cli.ts', '// console.log(1)\nprocess.exit(1);'))).toEqual([]);
  });

  it('keeps files short', () => {
    const long = files
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > LONGEST_FILE && !TABLES.some((table) => table.test(path)));
    expect(long).toEqual([]);
  });

  it('has kebab-case names and no drawer for everything', () => {
    expect(files.filter(({ path }) => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.d)?\.ts$/.test(path))).toEqual([]);
    expect(files.filter(({ path }) => /(?:^|\/)(?:utils?|misc|common)\.ts$/.test(path))).toEqual([]);
  });

  it('does nothing that is forbidden', () => {
    expect(files.flatMap(forbiddenThings)).toEqual([]);
  });

  it('names each package that is bundled and its reason in src/README.md', () => {
    const ours = new Set([...Object.keys(RULES), 'templates']);
    const packages = files
      .flatMap((file) => importsOf(file).map((specifier) => targetOf(file.path, specifier)))
      .filter((target) => target !== undefined && !ours.has(target));
    const readme = readFileSync(join(root, 'src/README.md'), 'utf8');
    expect(new Set(packages)).toContain('chevrotain');
    expect([...new Set(packages)].filter((name) => !readme.includes(`| ${name} |`))).toEqual([]);
  });

  it('asks npm for nothing when it is installed: all of it is bundled', () => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    expect(dependencies).toEqual({});
  });
});
