import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli-program';
import { diskHost } from '../../src/host-disk';
import { parseXml } from '../support/xml';

const GOOD = 'host-name mta.example.com\nsmtp-listener 0.0.0.0:25\n';
/** `http-access 0/0 admin` is an error; `hots-name` a warning; `run-as-root no` a note of the second opinion. */
const BAD = `${GOOD}http-mgmt-port 8080\nhttp-access 0/0 admin\n`;
const WARNED = `${GOOD}hots-name x\n`;
const NOTED = `${GOOD}run-as-root no\n`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config'), text);
  return path;
}

async function run(...args: readonly string[]) {
  return runIn({ isTty: false, env: {} }, ...args);
}

async function runIn(terminal: Parameters<typeof runProgram>[2], ...args: readonly string[]) {
  let [out, err] = ['', ''];
  const io = {
    host: diskHost(),
    version: '1.2.3',
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
    width: 100,
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(['audit', ...args], io, terminal);
  return { code, out, err };
}

describe('pmta2kumo audit', () => {
  it('reports, and writes nothing', async () => {
    const path = put('one', NOTED);
    const before = readdirSync(folder, { recursive: true });
    for (const format of ['text', 'markdown', 'json', 'sarif', 'junit', 'github']) {
      const { code, out, err } = await run(path, '--format', format);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).not.toBe('');
      expect((await run(path, '--format', format)).out).toBe(out);
    }
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
    expect(readFileSync(join(path, 'config'), 'utf8')).toBe(NOTED);
  });

  it.each([
    [GOOD, [], 0],
    [NOTED, ['--strict'], 0],
    [WARNED, [], 0],
    [WARNED, ['--strict'], 1],
    [BAD, [], 1],
  ])('exits by what it found: %j %j', async (text, flags, code) => {
    expect((await run(put('one', text), ...flags)).code).toBe(code);
  });

  it('tells diagnostics of the conversion on the standard error, findings in the report', async () => {
    const { out, err } = await run(put('one', `${WARNED}run-as-root no\n`));
    expect(err).toContain('warning[directive-unknown]');
    expect(err).not.toContain('work-around-needless');
    expect(out).toContain('info[work-around-needless]');
  });

  it('says with --quiet only what fails', async () => {
    expect(await run(put('one', WARNED), '--quiet')).toEqual({ code: 0, out: '', err: '' });
    const { code, out, err } = await run(put('two', BAD), '--quiet');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('error[open-http]');
  });

  it('gives several configurations a report each, and a total', async () => {
    const [one, two] = [put('one', GOOD), put('two', NOTED)];
    const { out } = await run(one, two, '--format', 'json');
    const parsed = JSON.parse(out);
    expect(parsed).toMatchObject({
      schema: 'pmta2kumo.audit/1',
      total: { configurations: 2, settings: 5 },
      reports: [
        { config: one, settings: 2 },
        { config: two, settings: 3 },
      ],
      diagnostics: [{ code: 'work-around-needless', file: 'config', line: 3, config: two }],
    });
    expect(Object.keys(parsed)).toEqual(['schema', 'total', 'reports', 'diagnostics']);
    expect((await run(one, two)).out).toContain('All 2 configurations');
    expect((await run(one)).out).not.toContain('configurations');
  });

  it('ends with 2 and no report where one cannot be read, is empty or no root', async () => {
    const good = put('one', GOOD);
    const missing = join(folder, 'nothing');
    const { code, out, err } = await run(good, missing);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pmta2kumo: .*nothing.*: no such file or directory\n$/);
    expect(await run(put('empty', '# nothing\n'))).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('holds no settings'),
    });
    expect(await run(good, '--root', missing)).toMatchObject({ code: 2, out: '' });
    expect(await run()).toMatchObject({ code: 2, out: '' });
    expect(await run(good, '--format', 'xml')).toMatchObject({ code: 2, out: '' });
    expect(await run(good, '')).toMatchObject({ code: 2, out: '' });
  });

  it('names files from the current folder, for programs that annotate them', async () => {
    const path = put('one', BAD);
    const file = `${relative('', path)}/config`;
    const github = await run(path, '--format', 'github');
    expect(github).toMatchObject({ code: 1, err: '' });
    expect(github.out).toMatch(new RegExp(`^::error file=${file.replaceAll('.', '\\.')},line=4,`, 'm'));
    expect(github.out.trimEnd().split('\n').at(-1)).toMatch(/^::notice title=pmta2kumo audit::\d+ of 4 settings/);
    const sarif = JSON.parse((await run(path, '--format', 'sarif')).out);
    const uris = sarif.runs[0].results.map(
      (result: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        result.locations.map((location) => location.physicalLocation.artifactLocation.uri),
    );
    expect(uris.flat()).toContain(file);
    const junit = parseXml((await run(path, '--format', 'junit')).out);
    expect(junit.attributes['failures']).toBe('1');
  });

  it('colours the report where the output is a terminal, and never under NO_COLOR', async () => {
    const path = put('one', GOOD);
    const terminal = { isTty: false, outIsTty: true };
    expect((await runIn({ ...terminal, env: {} }, path)).out).toContain('\u001b[1m');
    expect((await runIn({ ...terminal, env: { NO_COLOR: '1' } }, path)).out).not.toContain('\u001b');
    expect((await runIn({ isTty: true, env: {} }, path)).out).not.toContain('\u001b');
    expect((await runIn({ ...terminal, env: { NO_COLOR: '1' } }, path, '--color', 'always')).out).toContain(
      '\u001b[1m',
    );
    expect((await runIn({ ...terminal, env: {} }, path, '--format', 'markdown')).out).not.toContain('\u001b');
  });

  it('helps with examples', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('audit [options] <config...>');
    expect(out).toContain('pmta2kumo audit --format markdown /etc/pmta > audit.md');
  });

  it('writes for the release it is told', async () => {
    expect((await run(put('one', GOOD), '--target', '2024.11.08')).code).toBe(0);
    expect((await run(put('one', GOOD), '--target', '2020.01.01')).code).toBe(2);
  });
});
