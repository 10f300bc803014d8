import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MxRequest, mxSnapshot, type ResolveMx } from '../src/commands/mx-lookup';
import { diskHost } from '../src/host-disk';
import { BUILT_IN_MX, type MxRecords, parseSnapshot, snapshotOf, snapshotText } from '../src/kumo/mx-snapshot';
import { convertText } from './support/converted';
import { codesOf } from './support/tree';

const RECORDS: MxRecords = new Map([
  [
    'one.example',
    [
      [10, 'MX1.host.example.'],
      [20, 'mx2.host.example'],
    ],
  ],
  [
    'two.example',
    [
      [5, 'mx1.host.example'],
      [7, 'mx2.host.example'],
    ],
  ],
  [
    'other.example',
    [
      [10, 'mx2.host.example'],
      [20, 'mx1.host.example'],
    ],
  ],
  ['hotmail.xx', [[10, 'hotmail-xx.olc.protection.outlook.com']]],
  ['null.example', [[0, '']]],
  ['gone.example', []],
]);

describe('a snapshot of mail exchangers', () => {
  const mx = snapshotOf(RECORDS);

  it('makes one site of domains with the same hosts in the same order', () => {
    expect(mx.siteOf('one.example')).toBe(mx.siteOf('two.example'));
    expect(mx.siteOf('other.example')).not.toBe(mx.siteOf('one.example'));
    expect(mx.hostsOf('one.example')).toEqual(['mx1.host.example', 'mx2.host.example']);
  });

  it("knows Microsoft's hosts, and what is built in otherwise", () => {
    expect(mx.siteOf('hotmail.xx')).toBe(BUILT_IN_MX.siteOf('hotmail.com'));
    expect(mx.siteOf('googlemail.com')).toBe(mx.siteOf('gmail.com'));
  });

  it.each([
    ['a NUL in a host', '{"a.example": [[10, "mx\\u0000.example"]]}', '"mx\\u0000.example"'],
    ['a line end in a host', '{"a.example": [[10, "mx\\n.example"]]}', '"mx\\n.example"'],
    ['a blank in a domain', '{"a b.example": []}', '"a b.example"'],
    ['a quote in a host', '{"a.example": [[10, "mx\\".example"]]}', '"mx\\".example"'],
  ])('refuses %s', (_, text, shown) => {
    expect(parseSnapshot(text)).toEqual({ fault: `names ${shown}, which is no host name` });
  });

  it('leaves out what DNS answers with such a name, and says so', async () => {
    const errors: string[] = [];
    const io = {
      host: diskHost(),
      stderr: (text: string) => errors.push(text),
      resolveMx: (domain: string) =>
        Promise.resolve([[10, domain === 'odd.example' ? 'mx\u0000' : 'mx.even.example'] as const]),
    };
    const mx = await mxSnapshot({ resolveMx: true, dryRun: true }, io, () => ['odd.example', 'even.example']);
    expect(typeof mx === 'string' ? mx : [mx.hostsOf('odd.example'), mx.hostsOf('even.example')]).toEqual([
      [],
      ['mx.even.example'],
    ]);
    expect(errors.join('')).toContain('1 domains could not be looked up');
  });

  it('tells domains that take no mail', () => {
    expect(['null.example', 'gone.example', 'one.example', 'unknown.example'].map(mx.takesNoMail)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is the same after it was written and read', () => {
    const read = parseSnapshot(snapshotText(RECORDS));
    expect('records' in read && new Map(read.records)).toEqual(RECORDS);
  });

  it.each([
    ['', 'is not JSON'],
    ['[]', 'holds no table of domains'],
    ['{"a.example": ["mx"]}', 'has something else than [[preference, host], …] for a.example'],
    ['{"a.example": 1}', 'has something else than [[preference, host], …] for a.example'],
  ])('says what is wrong with %j', (text, fault) => {
    expect(parseSnapshot(text)).toEqual({ fault });
  });

  it('joins the blocks of domains that share their hosts, and names blocks that nobody reads', () => {
    const blocks = ['one', 'two', 'other', 'gone'].map(
      (name) => `<domain ${name}.example>\n  max-smtp-out 3\n</domain>\n`,
    );
    const converted = convertText(blocks.join(''), { mx });
    const shaping = converted.files.get('shaping.toml') ?? '';
    expect(['one', 'two', 'other'].map((name) => shaping.includes(`"${name}.example"`))).toEqual([true, false, true]);
    expect(shaping).toContain('also two.example');
    expect(codesOf(converted)).toContain('mx-none');
  });
});

describe('--mx-snapshot and --resolve-mx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mx-'));
  const said: string[] = [];
  const ask = (request: Partial<MxRequest>, resolveMx?: ResolveMx) =>
    mxSnapshot(
      { resolveMx: false, dryRun: false, ...request },
      {
        host: diskHost(),
        stderr: (text) => void said.push(text),
        ...(resolveMx === undefined ? {} : { resolveMx }),
      },
      () => ['a.example', 'b.example', 'slow.example'],
    );
  const dns: ResolveMx = async (domain) => (domain === 'slow.example' ? 'ETIMEOUT' : [[10, 'mx.shared.example']]);

  it('asks DNS for the domains of the configuration, and keeps the answers in the file', async () => {
    const file = join(folder, 'mx.json');
    const mx = await ask({ mxSnapshot: file, resolveMx: true }, dns);
    if (typeof mx === 'string') throw new Error(mx);
    expect(mx.siteOf('a.example')).toBe(mx.siteOf('b.example'));
    expect(mx.hostsOf('slow.example')).toEqual([]);
    expect(said.join('')).toContain('1 domains could not be looked up');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'a.example': [[10, 'mx.shared.example']],
      'b.example': [[10, 'mx.shared.example']],
    });
    const again = await ask({ mxSnapshot: file });
    expect(typeof again !== 'string' && again.hostsOf('a.example')).toEqual(['mx.shared.example']);
  });

  it('writes nothing in a dry run', async () => {
    const file = join(folder, 'dry.json');
    await ask({ mxSnapshot: file, resolveMx: true, dryRun: true }, dns);
    expect(diskHost().stat(file)).toBeUndefined();
  });

  it('says when nobody answers, and what is wrong with the file', async () => {
    expect(await ask({ resolveMx: true }, async () => 'ETIMEOUT')).toContain('no name server answers');
    const file = join(folder, 'bad.json');
    writeFileSync(file, 'x');
    expect(await ask({ mxSnapshot: file })).toContain('is not JSON');
    expect(await ask({ mxSnapshot: join(folder, 'none.json') })).toContain('no such file');
    expect(await ask({ mxSnapshot: '/proc/none/mx.json', resolveMx: true }, dns)).toContain('no such file');
  });
});
