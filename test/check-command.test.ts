import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './support/command';
import { GOOD_TREE } from './support/good-tree';

const STOCK = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'stock', 'input');

let folder = '';
let tree = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  tree = join(folder, 'policy');
  writeTree(GOOD_TREE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeTree(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
}

function replace(path: string, from: string, to: string): void {
  const text = readFileSync(join(tree, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(tree, path), text.replace(from, to));
}

interface Report {
  readonly schema: string;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly source?: { readonly current: boolean };
  readonly kumod?: { readonly status: string; readonly reason?: string };
  readonly diagnostics: readonly {
    readonly code: string;
    readonly message: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
    readonly endColumn?: number;
  }[];
}

async function report(...args: readonly string[]): Promise<Report & { readonly code: number }> {
  const { code, out } = await runCommand('check', tree, '--format', 'json', ...args);
  const parsed: Report = JSON.parse(out);
  return { ...parsed, code };
}

function program(text: string): string {
  const path = join(folder, 'kumod');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('check DIR', () => {
  it('says that nothing is wrong, and gives 0', async () => {
    const { code, out } = await runCommand('check', tree);
    expect(out).toBe(`${tree}: 9 files, checked for KumoMTA 2026.06.23: 1 note\n`);
    expect(code).toBe(0);
  });

  it('shows the line of a defect, and gives 1', async () => {
    replace('shaping.toml', 'connection_limit = 5', 'conection_limit = 5');
    const { code, out, err } = await runCommand('check', tree, '--quiet');
    expect(code).toBe(1);
    expect(err).toBe(
      [
        'error[tree-unknown-field]: gmail.com.conection_limit: the egress path has no field "conection_limit"; did you mean connection_limit?',
        `  --> ${tree}/shaping.toml:13:1`,
        '   |',
        '13 | conection_limit = 5',
        '   | ^^^^^^^^^^^^^^^',
        '   = help: correct the name; KumoMTA refuses fields it does not know',
        '',
        '',
      ].join('\n'),
    );
    expect(out).toContain('1 error, 1 note');
  });

  it('prints the same as JSON', async () => {
    replace('queues.toml', 'egress_pool = "bulk"', 'egress_pool = "bulky"');
    const { code, schema, status, counts, diagnostics } = await report();
    expect([code, schema, status]).toEqual([1, 'pmta2kumo.check/1', 'failed']);
    expect(counts).toEqual({ error: 1, warning: 0, info: 1 });
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'tree-pool-undefined',
        file: `${tree}/queues.toml`,
        line: 5,
        column: 1,
        endColumn: 12,
      }),
    );
  });

  it('fails for warnings only when they count', async () => {
    replace('queues.toml', 'routing_domain = "relay.corp.example"', 'routing_domain = "[127.0.0.1]"');
    expect((await runCommand('check', tree)).code).toBe(0);
    expect((await runCommand('check', tree, '--strict')).code).toBe(1);
  });

  it('does not show what stands in files that nobody else may read', async () => {
    writeFileSync(join(tree, 'smtp_users.toml'), '"feeder" = "hunter2\n');
    chmodSync(join(tree, 'smtp_users.toml'), 0o600);
    const { code, err } = await runCommand('check', tree);
    expect(code).toBe(1);
    expect(err).toContain('smtp_users.toml:1:');
    expect(err).not.toContain('hunter2');
  });

  it('does not show passwords of a copy that anybody may read, nor what a link out of the tree leads to', async () => {
    writeFileSync(join(tree, 'smtp_users.toml'), '["hunter2"\n', { mode: 0o644 });
    writeFileSync(join(folder, 'shadow'), 'root:$6$hunter3:1:\n', { mode: 0o644 });
    symlinkSync(join(folder, 'shadow'), join(tree, 'linked.lua'));
    const { code, err } = await runCommand('check', tree);
    expect(code).toBe(1);
    expect(err).toContain('linked.lua:1:');
    expect(err).toContain('smtp_users.toml:1:');
    expect(err).not.toMatch(/hunter/);
  });

  it('does not follow a link to a folder outside the tree', async () => {
    symlinkSync('/', join(tree, 'disk'));
    symlinkSync('..', join(tree, 'up'));
    const { code, diagnostics } = await report();
    expect(code).toBe(0);
    const unread = diagnostics.filter((diagnostic) => diagnostic.code === 'tree-file-unread');
    expect(unread.map(({ file }) => file?.replace(/.*\//, ''))).toEqual(['disk', 'up']);
  });

  it('finds users that can never log in, and shows no password', async () => {
    const load = "local users = kumo.serde.toml_load(dir .. 'smtp_users.toml')\n";
    writeFileSync(join(tree, 'init.lua'), `${readFileSync(join(tree, 'init.lua'), 'utf8')}\n${load}`);
    const users =
      'flat = "hunter2"\n\n[good]\npassword = "hunter3"\n\n[number]\npassword = 4711\n\n[none]\nsource = "x"\n';
    writeFileSync(join(tree, 'smtp_users.toml'), users, { mode: 0o600 });
    const { diagnostics } = await report();
    const found = diagnostics.filter((diagnostic) => diagnostic.code === 'tree-bad-type');
    expect(found.map(({ line }) => line)).toEqual([1, 7, 9]);
    expect(JSON.stringify(diagnostics)).not.toMatch(/hunter|4711/);
  });

  it('tells a byte order mark, which Lua does not take', async () => {
    writeFileSync(join(tree, 'init.lua'), `\ufeff${readFileSync(join(tree, 'init.lua'), 'utf8')}`);
    const { code, diagnostics } = await report();
    expect(code).toBe(1);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain('tree-lua-syntax');
  });

  it('tells what lies too deep to be looked at', async () => {
    writeTree({ [`${'d/'.repeat(25)}x.lua`]: 'x =' });
    const { diagnostics } = await report();
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain('tree-file-unread');
  });

  it('gives 2 for what is no policy tree', async () => {
    expect(await runCommand('check', join(folder, 'none'))).toMatchObject({ code: 2, out: '' });
    expect((await runCommand('check', join(tree, 'init.lua'))).code).toBe(2);
    const { code, err } = await runCommand('check', folder);
    expect(code).toBe(2);
    expect(err).toContain('holds neither init.lua nor tsa_init.lua');
    expect((await runCommand('check')).code).toBe(2);
  });

  it('follows links as kumod does, and survives one that leads in a circle', async () => {
    symlinkSync(tree, join(tree, 'again'));
    symlinkSync(join(tree, 'nowhere.toml'), join(tree, 'broken.toml'));
    const { code, diagnostics } = await report();
    expect(code).toBe(0);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['tree-needs-restart', 'tree-file-unread']);
  });
});

describe('check DIR --format', () => {
  beforeEach(() => replace('shaping.toml', 'connection_limit = 5', 'conection_limit = 5'));

  it('github annotates the line', async () => {
    const { code, out } = await runCommand('check', tree, '--format', 'github');
    expect(code).toBe(1);
    expect(out).toMatch(/^::error file=.*shaping\.toml,line=13,/m);
    expect(out).toContain('title=pmta2kumo check');
  });

  it('sarif and junit name the file and the code', async () => {
    const sarif = JSON.parse((await runCommand('check', tree, '--format', 'sarif')).out);
    const results: readonly { readonly ruleId: string }[] = sarif.runs[0].results;
    expect(results.map(({ ruleId }) => ruleId)).toContain('tree-unknown-field');
    const junit = await runCommand('check', tree, '--format', 'junit');
    expect(junit.out).toContain('<testsuites name="pmta2kumo check"');
    expect(junit.out).toContain('failures="1"');
  });
});

describe('check DIR --source CONFIG', () => {
  beforeEach(async () => {
    rmSync(tree, { recursive: true });
    expect((await runCommand('convert', STOCK, '-o', tree)).code).toBe(0);
  });

  it('a tree just converted is current', async () => {
    expect(await report('--source', STOCK)).toMatchObject({ code: 0, source: { current: true }, diagnostics: [] });
  });

  it('tells an edit by hand', async () => {
    const before = readFileSync(join(tree, 'queues.toml'), 'utf8');
    writeFileSync(join(tree, 'queues.toml'), before.replace(/max_age = .*/, 'max_age = "1h"'));
    const { code, source, diagnostics } = await report('--source', STOCK);
    expect([code, source?.current]).toEqual([0, false]);
    expect(diagnostics.map((each) => each.code)).toEqual(['tree-hand-edits']);
    expect((await report('--source', STOCK, '--strict')).code).toBe(1);
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(
      join(other, 'config'),
      `${readFileSync(join(STOCK, 'config'), 'utf8')}\n<domain *>\n  bounce-after 1d\n</domain>\n`,
    );
    const drifted = await report('--source', other);
    expect(drifted.code).toBe(1);
    expect(drifted.diagnostics.map((each) => each.code)).toContain('tree-edited');
    const at = before.slice(0, before.indexOf('max_age = ')).split('\n').length;
    expect(diagnostics[0]?.line).toBe(at);
  });

  it('tells a configuration that changed since', async () => {
    const changed = join(folder, 'changed');
    mkdirSync(changed);
    const text = readFileSync(join(STOCK, 'config'), 'utf8');
    writeFileSync(join(changed, 'config'), `${text}\n<domain new.example>\n  max-smtp-out 3\n</domain>\n`);
    const { code, diagnostics } = await report('--source', changed);
    expect(code).toBe(1);
    expect(diagnostics.map((each) => each.code)).toEqual(['tree-differs']);
    expect(diagnostics[0]?.message).toContain('changed since the tree was written');
  });

  it('tells files that are missing, and those of others', async () => {
    rmSync(join(tree, 'sources.toml'));
    writeFileSync(join(tree, 'mine.toml'), 'a = 1\n');
    const codes = (await report('--source', STOCK)).diagnostics.map((each) => each.code);
    expect(codes).toContain('tree-file-lacking');
    expect(codes).toContain('tree-file-added');
  });

  it('gives 2 when the configuration cannot be read', async () => {
    expect((await runCommand('check', tree, '--source', join(folder, 'none'))).code).toBe(2);
  });
});

describe('check DIR --kumod', () => {
  it('gives 3 when there is no such program, whatever else is fine', async () => {
    const { code, status, kumod } = await report(`--kumod=${join(folder, 'none')}`);
    expect([code, status, kumod?.status]).toEqual([3, 'failed', 'not-run']);
  });

  it('finds a program by a path relative to here, and refuses none', async () => {
    expect((await report(`--kumod=${relative('.', program('exit 0'))}`)).code).toBe(0);
    expect((await runCommand('check', tree, '--kumod=')).code).toBe(2);
  });

  it('gives 3 for a program that is ended, or knows no --validate', async () => {
    expect((await report(`--kumod=${program('kill -9 $$')}`)).code).toBe(3);
    const old = program(`echo "error: unexpected argument '--validate' found" >&2; exit 2`);
    expect((await report(`--kumod=${old}`)).kumod?.reason).toContain('2024.09.02');
  });

  it('validates a private copy with its own paths, and removes it', async () => {
    const kept = join(folder, 'seen');
    const path = program(
      `test "$1 $2" = "--validate --policy" || exit 9\ncp "$3" ${kept}; dirname "$3" > ${kept}.dir; stat -c %a "$(dirname "$3")" >> ${kept}.dir`,
    );
    expect(await report(`--kumod=${path}`)).toMatchObject({ code: 0, kumod: { status: 'passed' } });
    const [dir = '', mode] = readFileSync(`${kept}.dir`, 'utf8').split('\n');
    const seen = readFileSync(kept, 'utf8');
    expect(mode).toBe('700');
    expect(seen).toContain(`local dir = '${dir}/'`);
    expect(seen.split('\n')).toHaveLength(GOOD_TREE['init.lua']?.split('\n').length ?? 0);
    expect(() => readFileSync(join(dir, 'init.lua'))).toThrow();
  });

  it('maps what kumod says to the lines of the tree', async () => {
    const path = program(
      [
        'dir=$(dirname "$3")',
        `echo "2026-01-01T00:00:00.000000Z  INFO main kumod: starting" >&2`,
        `echo "tenant 'main' uses pool 'bulk' which is not present in your sources helper data"`,
        'echo "Error: runtime error: $dir/init.lua:12: bad thing" >&2',
        'echo "parsing toml from file $dir/queues.toml: TOML parse error at line 4, column 7" >&2',
        'echo "Validation failed" >&2',
        'exit 1',
      ].join('\n'),
    );
    const { code, kumod, diagnostics } = await report(`--kumod=${path}`);
    expect([code, kumod?.status]).toEqual([1, 'failed']);
    const found = diagnostics.filter((each) => each.code === 'tree-kumod');
    expect(found.map(({ file, line }) => [file?.slice(tree.length + 1), line])).toEqual([
      [undefined, undefined],
      ['init.lua', 12],
      ['queues.toml', 4],
    ]);
    expect(found[2]?.column).toBe(7);
    expect(found[1]?.message).toBe('kumod: Error: runtime error: init.lua:12: bad thing');
  });

  it('a failure without a word is a finding, too', async () => {
    expect((await report(`--kumod=${program('exit 1')}`)).code).toBe(1);
  });
});
