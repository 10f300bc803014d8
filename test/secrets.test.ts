import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../src/cli-program';
import { diskHost } from '../src/host-disk';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  writeConfig(RELAY);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RELAY = 'Planted.77';
const USER = 'Sown.88';

function writeConfig(relay: string): void {
  writeFileSync(
    join(folder, 'config'),
    `<smtp-user bob>\n  password ${USER}\n</smtp-user>\n<domain r.test>\n  smtp-hosts [192.0.2.9]\n  auth-username me\n  auth-password ${relay}\n</domain>\n`,
  );
}

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  return runAny(['convert', join(folder, 'config'), ...args]);
}

async function runAny(args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const io = {
    host: diskHost(),
    stdout: say,
    stderr: say,
    width: 100,
    version: '0.0.0',
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(args, io, { isTty: false, env: {} });
  return { code, said };
}

/** Files of the tree in which a text stands, with their modes. */
function holding(text: string): readonly string[] {
  const tree = join(folder, 'out');
  return readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(tree, path)).isFile() && readFileSync(join(tree, path), 'utf8').includes(text))
    .map((path) => `${path} ${(statSync(join(tree, path)).mode & 0o777).toString(8)}`);
}

describe('a secret of the input', () => {
  const formats = [['text'], ['json']] as const;

  it.each(formats)('stands in one file that only its owner reads, and nowhere else (%s)', async (format) => {
    const out = join(folder, 'out');
    const { code, said } = await run('-o', out, '--format', format);
    expect(code).toBe(0);
    expect(holding(RELAY)).toEqual(['secrets/relay-r.test 600']);
    expect(holding(USER)).toEqual(['smtp_users.toml 600']);
    expect(readFileSync(join(out, 'secrets/relay-r.test'), 'utf8')).toBe(RELAY);
    expect(readFileSync(join(out, 'shaping.toml'), 'utf8')).toContain('/secrets/relay-r.test"');
    expect(said).toContain('secrets/relay-r.test');
    expect([RELAY, USER].filter((secret) => said.includes(secret))).toEqual([]);
  });

  it.each(formats)('is not shown by a dry run (%s)', async (format) => {
    const { code, said } = await run('--dry-run', '--format', format);
    expect(code).toBe(0);
    expect(said).toContain('secrets/relay-r.test');
    expect([RELAY, USER].filter((secret) => said.includes(secret))).toEqual([]);
  });

  it.each(formats)('that changes is a conflict, since nobody can tell who changed it (%s)', async (format) => {
    const out = join(folder, 'out');
    await run('-o', out);
    expect((await run('-o', out)).said).toContain('already up to date');
    writeConfig('Other.99');
    const refused = await run('-o', out, '--format', format);
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('edit-secret');
    expect(refused.said).toContain('secrets/relay-r.test');
    const marked = await run('-o', out, '--format', format, '--conflicts', 'mark');
    expect(marked.code).toBe(1);
    expect(holding(RELAY)).toHaveLength(1);
    const ours = await run('-o', out, '--format', format, '--conflicts', 'ours');
    expect([ours.code, holding(RELAY), holding('Other.99')]).toEqual([0, ['secrets/relay-r.test 600'], []]);
    const theirs = await run('-o', out, '--format', format, '--conflicts', 'secrets/relay-r.test=theirs');
    expect(theirs.code).toBe(0);
    expect([holding(RELAY), holding('Other.99')]).toEqual([[], ['secrets/relay-r.test 600']]);
    const said = [refused, marked, ours, theirs].map((one) => one.said).join('');
    expect(said).not.toMatch(/Planted|Other\.99|Sown/);
  });
});

/** Where a secret can stand; each has one of its own. */
const PLANTED = [
  'host-name mta.example.com',
  'smtp-listener 0.0.0.0:25',
  'http-api-key Planted.01',
  'smtp-server-tls-certificate /etc/c.pem "Planted.02"',
  '<smtp-user bob>',
  '  password Planted.03',
  '  pasword Planted.04',
  '</smtp-user>',
  '<source {auth}>',
  '  always-allow-relaying yes',
  '</source>',
  '<virtual-mta v1>',
  '  smtp-source-host 192.0.2.1 v1.example.com',
  '</virtual-mta>',
  '<domain r.test>',
  '  smtp-hosts [192.0.2.9]',
  '  auth-username me',
  '  auth-password Planted.05',
  '  auth_password Planted.06',
  '</domain>',
  '<acct-file |/bin/x --password=Planted.07>',
  '  records d',
  '</acct-file>',
  '<acct-file /var/log/a.csv>',
  '  privacy-policy siphash "Planted.08"',
  '</acct-file>',
  'include https://me:Planted.09@example.com/config',
  '',
].join('\n');

/** Every command with everything it can print; `$` is the configuration and `@` a tree of its own. */
const CALLS: readonly string[] = [
  ...['text', 'markdown', 'json', 'sarif', 'junit', 'github'].map((format) => `audit $ --format ${format}`),
  ...['text', 'json'].flatMap((format) => [
    `convert $ --dry-run --keep-going --format ${format}`,
    `convert $ -o @ --keep-going --force --format ${format}`,
    `convert $ -o @ --keep-going --format ${format}`,
    `trace $ --vmta v1 --domain r.test --format ${format}`,
    `verify $ --format ${format}`,
    `verify $ @ --format ${format}`,
    `explain auth-password --format ${format}`,
    `diff $ @ --format ${format}`,
  ]),
  ...['text', 'json', 'sarif', 'junit', 'github'].flatMap((format) => [
    `check @ --format ${format}`,
    `check @ --source $ --format ${format}`,
  ]),
  'diff $ @ --format unified',
  'convert $ -o @/x --strict',
  'completion bash',
  'audit $ --strict --quiet',
];

describe('secrets of every kind', () => {
  it('are shown by no command in no format, and stand in no file that others may read', async () => {
    writeFileSync(join(folder, 'config'), PLANTED);
    const tree = join(folder, 'out');
    const places: string[] = [];
    // A tree whose files were damaged is quoted in frames.
    const damage = () => {
      for (const name of ['smtp_users.toml', 'shaping.toml', 'init.lua'])
        appendFileSync(join(tree, name), '\n[[[x "\n');
    };
    let answered = 0;
    for (const [round, call] of [...CALLS, 'DAMAGE', ...CALLS.filter((one) => one.includes('@'))].entries()) {
      if (call === 'DAMAGE') {
        damage();
        continue;
      }
      const args = call.split(' ').map((word) => word.replace('$', join(folder, 'config')).replace('@', tree));
      const { said } = await runAny(args);
      if (said.length > 100) answered++;
      for (const secret of said.match(/Planted\.\d+/gi) ?? []) places.push(`${round} ${call}: ${secret}`);
    }
    expect(places).toEqual([]);
    expect(answered).toBeGreaterThan(CALLS.length);
    const open = ['Planted.01', 'Planted.02', 'Planted.03', 'Planted.04', 'Planted.05', 'Planted.06', 'Planted.07'];
    for (const secret of [...open, 'Planted.08', 'Planted.09'])
      expect(holding(secret).filter((place) => !place.endsWith(' 600'))).toEqual([]);
    expect(holding('Planted.03').length).toBeGreaterThan(0);
  }, 300_000);
});
