import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandRun, runCommand } from './support/command';
import { convertPath, FIXTURES } from './support/converted';

let folder = '';
let tree = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diff-'));
  tree = join(folder, 'policy');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const input = (name: string): string => join(FIXTURES, name, 'input');

/** Writes the tree that a fixture converts to. */
function write(name: string): void {
  for (const { path, content, mode } of convertPath(input(name)).conversion.files) put(path, content, mode);
}

function put(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), content);
  chmodSync(join(tree, path), mode);
}

function replace(path: string, from: string, to: string): void {
  const text = readFileSync(join(tree, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(tree, path), text.replace(from, to));
}

function diff(name: string, ...args: readonly string[]): Promise<CommandRun> {
  return runCommand('diff', input(name), tree, ...args);
}

interface Change {
  readonly area: string;
  readonly kind: string;
  readonly subject: string;
  readonly field?: string;
  readonly before?: string;
  readonly after?: string;
  readonly verdict: string;
  readonly risk?: string;
  readonly lines: readonly string[];
  readonly tree?: { readonly path: string; readonly line: number };
}

async function json(name: string, ...args: readonly string[]) {
  const { code, out } = await diff(name, '--format', 'json', ...args);
  const parsed: {
    readonly schema: string;
    readonly same: boolean | null;
    readonly changes: readonly Change[];
    readonly files: readonly { readonly path: string; readonly shown: string; readonly patch?: string }[];
    readonly notes: readonly string[];
    readonly kept: readonly string[];
  } = JSON.parse(out);
  return { code, out, ...parsed };
}

describe('diff', () => {
  it('ends with 0 for a tree of its own source', async () => {
    write('stock');
    const { code, out, err } = await diff('stock', '--view', 'both');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('mean the same');
  });

  it('tells risks first, with the lines of both sides', async () => {
    write('virtual-mta');
    replace('shaping.toml', 'connection_limit = 50', 'connection_limit = 20');
    replace('sources.toml', '"192.0.2.30"', '"192.0.2.99"');
    replace('queues.toml', 'max_age = "2d"', 'max_age = "3d"');
    const { code, schema, changes } = await json('virtual-mta');
    expect({ code, schema }).toEqual({ code: 1, schema: 'pmta2kumo.diff/1' });
    expect(
      changes.map(({ area, field, before, after, verdict, risk }) => [area, field, before, after, verdict, risk]),
    ).toEqual([
      // 50 allows more connections than the 20 that are there.
      ['paths', 'connection_limit', '20', '50', 'looser', 'limit'],
      ['paths', 'additional_connection_limits.pmta-q:v1:SITE', '20', '50', 'looser', 'limit'],
      ['sources', 'source_address', '192.0.2.99', '192.0.2.30', 'differs', 'address'],
      ['queues', 'max_age', '3d', '2d', 'stricter', undefined],
    ]);
    expect(changes[0]).toMatchObject({ tree: { path: 'shaping.toml', line: 7 }, lines: ['config:47'] });
    expect(changes[2]).toMatchObject({ subject: 'v2', tree: { path: 'sources.toml', line: 6 }, lines: ['config:26'] });
    const text = await diff('virtual-mta');
    expect(text.out.indexOf('Risks')).toBeLessThan(text.out.indexOf('Queues'));
    expect(text.out).toContain('loosens a limit');
    expect(text.out).toContain('config:26 · sources.toml:6 in the tree');
    for (const { before, after } of changes) expect(text.out.replace(/\s+/g, ' ')).toContain(`${before} → ${after}`);
  });

  it('marks what opens relaying, and what drops a signature', async () => {
    write('stock');
    replace('init.lua', "relay_hosts = { '127.0.0.1', '::1' }", "relay_hosts = { '127.0.0.1' }");
    const { changes } = await json('stock');
    expect(changes[0]).toMatchObject({ area: 'listeners', field: 'relay_hosts', verdict: 'looser', risk: 'relaying' });
    rmSync(tree, { recursive: true });
    write('dkim');
    const data = readFileSync(join(tree, 'dkim_data.toml'), 'utf8');
    writeFileSync(
      join(tree, 'dkim_data.toml'),
      `${data}\n[domain."extra.example"]\nselector = "s"\nfilename = "/k"\nheaders = ["From"]\n`,
    );
    const signed = (await json('dkim')).changes.filter(({ area }) => area === 'dkim');
    expect(signed).toMatchObject([
      {
        subject: 'mail from somebody at extra.example over HTTP',
        verdict: 'looser',
        risk: 'signature',
        why: 'A signature is lost.',
      },
    ]);
  });

  it('gives a patch that patch applies, after which nothing differs', async () => {
    write('virtual-mta');
    replace('shaping.toml', 'connection_limit = 50', 'connection_limit = 20');
    replace('pmta.lua', 'return mod\n', 'return mod');
    rmSync(join(tree, 'sources.toml'));
    const { code, out } = await diff('virtual-mta', '--format', 'unified');
    expect(code).toBe(1);
    const patch = spawnSync('patch', ['-p1', '-d', tree], { input: out, encoding: 'utf8' });
    if (patch.error !== undefined) return;
    expect(patch.status).toBe(0);
    expect(await diff('virtual-mta', '--view', 'both')).toMatchObject({ code: 0, err: '' });
    expect(await diff('virtual-mta', '--format', 'unified')).toEqual({ code: 0, out: '', err: '' });
  });

  it('shows nothing of what secret files hold', async () => {
    write('smtp-auth');
    replace('smtp_users.toml', 'planted-secret-two', 'planted-secret-old');
    // Lost its mode, and was copied into the code by somebody.
    chmodSync(join(tree, 'smtp_users.toml'), 0o644);
    replace('init.lua', "local kumo = require 'kumo'", "local kumo = require 'kumo' -- planted-secret-two");
    for (const args of [
      ['--view', 'both'],
      ['--format', 'json', '--view', 'both'],
      ['--format', 'unified'],
      ['--stat'],
    ]) {
      const { code, out, err } = await diff('smtp-auth', ...args);
      expect(code).toBe(1);
      expect(out + err).not.toMatch(/planted|s3cret/);
    }
    const { changes, files } = await json('smtp-auth', '--view', 'both');
    expect(changes).toMatchObject([{ area: 'users', subject: 'api', field: 'password', after: '(another, hidden)' }]);
    expect(files.map(({ path, shown, patch }) => [path, shown, patch])).toEqual([
      ['init.lua', 'hidden', undefined],
      ['smtp_users.toml', 'hidden', undefined],
    ]);
  });

  it('says what is no text, what stays, and leaves reports out', async () => {
    write('stock');
    put('pmta.lua', Buffer.concat([readFileSync(join(tree, 'pmta.lua')), Buffer.from([0x2d, 0x2d, 0xff, 0x0a])]));
    put('notes\u001b[31m.txt', 'mine\n');
    put('MIGRATION.md', 'old\n');
    const { code, out } = await diff('stock', '--view', 'both');
    expect(code).toBe(1);
    expect(out).toContain('File "pmta.lua" differs: it is not UTF-8 text');
    expect(out).toContain('left alone: notes');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('MIGRATION');
    // A comment is no difference of meaning.
    expect(await diff('stock')).toMatchObject({ code: 0 });
  });

  it('counts with --stat', async () => {
    write('virtual-mta');
    replace('sources.toml', '"192.0.2.30"', '"192.0.2.99"');
    const { out } = await diff('virtual-mta', '--stat', '--view', 'both');
    expect(out).toMatch(/^ {2}Sources {12}1 changed, 1 risk$/m);
    expect(out).toContain('  sources.toml: +1 -1');
    expect(out).not.toContain('192.0.2.99');
  });

  it('colours for a terminal only', async () => {
    write('virtual-mta');
    replace('sources.toml', '"192.0.2.30"', '"192.0.2.99"');
    expect((await diff('virtual-mta', '--view', 'text', '--color', 'always')).out).toContain('\u001b[32m+');
    expect((await diff('virtual-mta', '--view', 'text')).out).not.toContain('\u001b');
  });
});

describe('trouble', () => {
  it('is no tree, no configuration, or one with errors', async () => {
    mkdirSync(tree);
    expect(await diff('stock')).toMatchObject({ code: 2, out: '' });
    write('broken');
    const refused = await diff('broken');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('--keep-going compares');
    expect(await diff('broken', '--keep-going')).toMatchObject({ code: 0 });
    expect(await diff('nowhere')).toMatchObject({ code: 2, out: '' });
  });

  it('is a tree that does not load, whose text can be compared all the same', async () => {
    write('stock');
    replace('init.lua', "kumo.on('init'", "kumo.on('init");
    const meaning = await diff('stock');
    expect(meaning).toMatchObject({ code: 2, out: '' });
    expect(meaning.err).toContain('tree-lua-syntax');
    expect(meaning.err).toContain('--view text');
    expect(await diff('stock', '--view', 'text')).toMatchObject({ code: 1, err: '' });
    const both = await diff('stock', '--view', 'both');
    expect(both.code).toBe(2);
    expect(both.out).toContain("+kumo.on('init'");
    expect(await json('stock')).toMatchObject({ code: 2, same: null });
  });

  it('is a policy that never comes back', async () => {
    write('stock');
    replace('init.lua', 'local function receive(msg)', 'local function receive(msg)\n  while true do end');
    const { code, err } = await diff('stock');
    expect(code).toBe(2);
    expect(err).toContain('tree-limit');
  });
});

describe('a tree written by hand', () => {
  const HAND = `local kumo = require 'kumo'
local limits = { ['example.org'] = 5 }
kumo.on('get_egress_source', function(name)
  if name ~= 'out' then error('no such source') end
  return kumo.make_egress_source { name = name, source_address = '192.0.2.1', ehlo_domain = 'out.example.com' }
end)
kumo.on('get_egress_pool', function(name)
  return kumo.make_egress_pool { name = name, entries = { { name = 'out' } } }
end)
kumo.on('get_egress_path_config', function(domain)
  return kumo.make_egress_path { connection_limit = limits[domain] or 20 }
end)
kumo.on('get_queue_config', function()
  return kumo.make_queue_config { egress_pool = 'out', max_age = '108 hours', retry_interval = '600s', max_retry_interval = '10m' }
end)
kumo.on('init', function()
  for _, name in ipairs { 'data', 'meta' } do
    kumo.define_spool { name = name, path = '/var/spool/kumomta/' .. name, kind = 'RocksDB' }
  end
end)
`;

  it('is compared by what it resolves to, and the place is that in its code', async () => {
    writeFileSync(
      join(folder, 'config'),
      `<virtual-mta out>
smtp-source-host 192.0.2.1 out.example.com
</virtual-mta>
<source 127.0.0.1>
default-virtual-mta out
</source>
<domain *>
max-smtp-out 20
</domain>
<domain example.org>
max-smtp-out 7
</domain>
`,
    );
    put('init.lua', HAND);
    const { out } = await runCommand('diff', join(folder, 'config'), tree, '--format', 'json');
    const { changes, notes }: { readonly changes: readonly Change[]; readonly notes: readonly string[] } =
      JSON.parse(out);
    const limits = changes.filter(({ field }) => field === 'connection_limit');
    // 20 for everybody on both sides; example.org alone has another limit.
    expect(limits).toMatchObject([
      { before: '5', after: '7', verdict: 'looser', risk: 'limit', tree: { path: 'init.lua', line: 10 } },
    ]);
    expect(limits[0]?.subject).toContain('example.org');
    // The source is the same, and so are the waits, in other units.
    expect(changes.filter(({ area, subject }) => area === 'sources' && subject === 'out')).toEqual([]);
    expect(changes.filter(({ field }) => field === 'max_age' || field === 'retry_interval')).toEqual([]);
    expect(notes.join(' ')).toContain('another program');
  });

  it('says what only the server knows, and guesses nothing', async () => {
    write('stock');
    replace('init.lua', "hostname = 'mta.mail.example'", "hostname = os.getenv 'MAIL_HOST'");
    const { changes, notes } = await json('stock');
    const host = changes.filter(({ field }) => field === 'hostname');
    expect(host).toMatchObject([{ before: 'known to the server only', verdict: 'not-comparable' }]);
    expect(notes.join(' ')).toContain('only a server knows');
  });
});

describe('the example of the README', () => {
  it('is what the command says', async () => {
    write('virtual-mta');
    replace('shaping.toml', '"v3" = { connection_limit = 4 }', '"v3" = { connection_limit = 2 }');
    replace('sources.toml', '"192.0.2.30"', '"192.0.2.99"');
    replace('queues.toml', 'max_age = "2d"', 'max_age = "3d"');
    const { out } = await diff('virtual-mta');
    const readme = readFileSync(join(FIXTURES, '..', 'README.md'), 'utf8');
    // Long paths break lines elsewhere.
    const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
    expect(flat(readme)).toContain(flat(out.replaceAll(input('virtual-mta'), 'pmta').replaceAll(tree, 'policy')));
  });
});
