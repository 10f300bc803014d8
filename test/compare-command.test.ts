import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from './support/command';
import { FIXTURES } from './support/converted';

const input = (name: string): string => join(FIXTURES, name, 'input');

/** A configuration on the disk. */
function config(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'trace-')), 'config');
  writeFileSync(path, text);
  return path;
}

const EMPTY_POOL = `<virtual-mta one>
smtp-source-host 192.0.2.1 one.example
</virtual-mta>
<virtual-mta-pool cold>
virtual-mta gone
</virtual-mta-pool>
<source 127.0.0.1>
always-allow-relaying yes
default-virtual-mta one
</source>
`;

/** Members with retries of their own: Lua picks one for each message of the pool. */
const UNCHOSEN_POOL = `<virtual-mta one>
smtp-source-host 192.0.2.1 one.example
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.example
<domain *>
bounce-after 1d
</domain>
</virtual-mta>
<virtual-mta-pool both>
virtual-mta one
virtual-mta two
</virtual-mta-pool>
<source 127.0.0.1>
always-allow-relaying yes
process-x-virtual-mta no
default-virtual-mta §
</source>
`;

describe('trace', () => {
  it('shows both sides of one path', async () => {
    const { code, out } = await runCommand('trace', input('scopes'), '--vmta', 'FAST', '--domain', 'Slow.example');
    expect(code).toBe(0);
    expect(out).toContain('Mail to slow.example through the virtual-mta fast');
    expect(out).toMatch(/max-smtp-out +50 +50 +equal +config:28/);
  });

  it('shows a pool as each of its members', async () => {
    const { out } = await runCommand(
      'trace',
      input('signing-by-virtual-mta'),
      '--vmta',
      'pool-b',
      '--domain',
      'x.example',
    );
    expect(out).toContain('the virtual-mta shop, chosen through the pool pool-b');
    expect(out).toContain('the virtual-mta news, chosen through the pool pool-b');
    const json = await runCommand(
      ...['trace', input('signing-by-virtual-mta'), '--vmta', 'pool-b', '--domain', 'x.example', '--format', 'json'],
    );
    expect(JSON.parse(json.out)).toMatchObject({ schema: 'pmta2kumo.trace/1', vmta: 'shop', pool: 'pool-b' });
  });

  it('ends with 1 where something differs', async () => {
    const { code, out } = await runCommand('trace', input('routing'), '--vmta', 'v1', '--domain', 'mixed.example');
    expect({ code, told: out.includes('differs') }).toEqual({ code: 1, told: true });
  });

  it('tells a pool without a valid member from a name that is unknown', async () => {
    const { code, out, err } = await runCommand('trace', config(EMPTY_POOL), '--vmta', 'COLD', '--domain', 'a.example');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('--vmta: the pool cold has no valid member\n');
  });

  it('has no table for what no mail can get', async () => {
    const pool = config(UNCHOSEN_POOL.replace('§', 'one'));
    const { code, out } = await runCommand('trace', pool, '--vmta', 'both', '--domain', 'a.example');
    expect(code).toBe(0);
    expect(out).toContain('No mail can get it in KumoMTA');
    expect(out).not.toMatch(/smtp-hosts|no source/);
    const json = await runCommand('trace', pool, '--vmta', 'both', '--domain', 'a.example', '--format', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ vmta: 'one', pool: 'both', comparison: [] });
  });

  it('leads from a pool whose mail is spread over its members to these', async () => {
    const pool = config(UNCHOSEN_POOL.replace('§', 'both'));
    const { out } = await runCommand('trace', pool, '--vmta', 'both', '--domain', 'a.example');
    expect(out.replace(/\s+/g, ' ')).toContain('so trace a member: one, two.');
  });

  it.each([
    [['trace', input('scopes'), '--vmta', 'x\u001b[2J', '--domain', 'a.example'], 'is called x\\x1b[2J'],
    [['trace', input('scopes'), '--vmta', 'fast'], '--domain'],
    [['trace', '/no/such/file', '--vmta', 'fast', '--domain', 'a.example'], 'no such file'],
    [['verify', '/no/such/file'], 'no such file'],
    [['verify', input('scopes'), '/no/such/tree'], 'no such file or folder'],
    [['verify', input('scopes'), input('scopes')], 'is no policy tree'],
  ])('%j cannot be done', async (args, text) => {
    const { code, out, err } = await runCommand(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(text);
  });
});

describe('verify', () => {
  it('says how much is looser or other, although the report tells it', async () => {
    const { code, out } = await runCommand('verify', input('routing'));
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+ comparisons are looser or other, as the migration report says/m);
  });
});

describe('verify of a tree on the disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  const tree = join(folder, 'tree');

  it('finds nothing where the tree is what the configuration converts to', async () => {
    await runCommand('convert', input('macros'), '-o', tree);
    const { code, out } = await runCommand('verify', input('macros'), tree);
    expect(code).toBe(0);
    expect(out).toContain('Nothing is looser, and nothing differs.');
  });

  it('tells what was loosened by hand, and says so only with --quiet', async () => {
    const path = join(tree, 'shaping.toml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('connection_limit = 8', 'connection_limit = 77'));
    const { code, out } = await runCommand('verify', input('macros'), tree, '--quiet');
    expect(code).toBe(1);
    expect(out).toContain('gmail.com/{default}: 8 in PowerMTA (config:13), 77 in KumoMTA (shaping.toml:31)');
    const json = JSON.parse((await runCommand('verify', input('macros'), tree, '--format', 'json')).out);
    expect(json).toMatchObject({ schema: 'pmta2kumo.verify/1', failed: true });
  });

  it('ends with 3 where the tree does not load', async () => {
    writeFileSync(join(tree, 'queues.toml'), 'nonsense');
    const { code, out, err } = await runCommand('verify', input('macros'), tree);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('does not load without errors');
  });
});
