import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../src/cli-program';
import { diskHost } from '../src/host-disk';

const VMTA = '<virtual-mta mta1>\n  smtp-source-host 192.0.2.1 m1.example.com\n</virtual-mta>\n';
const OPEN = '<source 0/0>\n  always-allow-relaying yes\n</source>\nsmtp-listener 0.0.0.0:25\n';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-'));
  writeFileSync(join(folder, 'good'), VMTA);
  writeFileSync(join(folder, 'empty'), '# nothing\n');
  writeFileSync(join(folder, 'open'), VMTA + OPEN);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const said = { out: '', err: '' };
  const io = {
    host: diskHost(),
    version: '1.2.3',
    stdout: (text: string) => {
      said.out += text;
    },
    stderr: (text: string) => {
      said.err += text;
    },
    width: 80,
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(args, io, { isTty: false, env: {} });
  return { code, ...said };
}
const trace = (config: string, vmta: string, domain: string) =>
  run('trace', join(folder, config), `--vmta=${vmta}`, `--domain=${domain}`);

describe('trace', () => {
  it.each(['gmail.com', 'GMAIL.com.', 'bücher.example', 'a_b.example', '[192.0.2.1]', 'localhost'])(
    'takes %s as a domain',
    async (domain) => {
      expect(await trace('good', 'mta1', domain)).toMatchObject({ code: 0, err: '' });
    },
  );

  it.each(['', '.', '..', 'a..b', 'x"]', '*', 'a b', 'a\nb', 'me@gmail.com', 'a'.repeat(300)])(
    'refuses %j',
    async (domain) => {
      const { code, out, err } = await trace('good', 'mta1', domain);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^pmta2kumo: --domain: .{1,300} is no domain\n$/);
    },
  );

  it('names what a misspelt virtual-mta may mean', async () => {
    const { code, err } = await trace('good', 'mat1', 'gmail.com');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'pmta2kumo: --vmta: no virtual-mta and no pool is called mat1; did you mean mta1?\n',
    });
  });
});

describe('trace and verify', () => {
  it('have nothing to say of a configuration without settings', async () => {
    const said = { code: 2, out: '', err: `pmta2kumo: ${join(folder, 'empty')} holds no settings\n` };
    expect(await run('verify', join(folder, 'empty'))).toEqual(said);
    expect(await trace('empty', '{default}', 'gmail.com')).toEqual(said);
  });

  it('fail for errors in the configuration, which convert refuses', async () => {
    const verified = await run('verify', join(folder, 'open'));
    expect(verified.err).toContain('error[');
    expect(verified.code).toBe(1);
    expect((await trace('open', 'mta1', 'gmail.com')).code).toBe(1);
  });
});
