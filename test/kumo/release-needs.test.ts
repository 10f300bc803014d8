import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIRECTIVES } from '../../src/directives/table';
import { expectedTables } from '../../src/emit/expected';
import { compareReleases, newestRelease, oldestRelease } from '../../src/kumo/api/release';
import { usesInLua } from '../../src/kumo/runtime/lua-uses';
import { type ReleaseNeeds, releaseNeeds } from '../../src/kumo/runtime/release-needs';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { type Converted, convertPath, convertText, FIXTURES, readTree } from '../support/converted';
import { describeCorpus } from '../support/corpus';
import { needsByRunning } from '../support/needs-by-running';
import { probesOf } from '../support/probes';

/** The releases at which what is written changes (mapping by release). */
const TARGETS = ['2024.11.08', '2025.01.23', '2025.05.06', '2025.10.06', '2026.03.04', newestRelease];

/** What is read out of the text, which has to be what a run of the tree shows. */
async function needsOf(converted: Converted, target: string): Promise<ReleaseNeeds> {
  const options = { installDir: DEFAULT_OPTIONS.installDir, target };
  const read = releaseNeeds(converted.files, expectedTables(converted.conversion.policy), options);
  expect(read).toEqual(await needsByRunning(converted.files, options));
  return read;
}

/** What a tree for `target` needs that is newer. */
async function beyond(converted: Converted, target: string): Promise<readonly string[]> {
  const { features } = await needsOf(converted, target);
  const newer = features.filter(({ since }) => compareReleases(since, target) > 0);
  return newer.map(({ what, since, where }) => `${where}: ${what} (${since})`);
}

describe('the lowest release of a tree', () => {
  const text = '<domain a.test>\n  max-msg-rate 3/5m\n</domain>\n';

  it('is the newest that something in it needs, with its place', async () => {
    const converted = convertText(text, { target: newestRelease });
    const needs = await needsOf(converted, newestRelease);
    const rate = needs.features.find(({ what }) => what === 'max_burst in a rate');
    expect(rate).toMatchObject({ since: '2025.01.29' });
    const [file = '', line = ''] = (rate?.where ?? '').split(':');
    expect(converted.files.get(file)?.split('\n')[Number(line) - 1]).toContain('max_burst');
    expect(needs.lowest).toBe(needs.features[0]?.since);
    const sinces = needs.features.map(({ since }) => since);
    expect([...sinces].sort((a, b) => compareReleases(b, a))).toEqual(sinces);
  });

  it('is the oldest that can be written for when nothing newer is in it', async () => {
    const converted = convertText(text, { target: oldestRelease });
    expect(await needsOf(converted, oldestRelease)).toEqual({ lowest: oldestRelease, features: [] });
  });
});

describe('what Lua code uses without running', () => {
  const uses = (text: string) => usesInLua(text).map(({ what, since, line }) => `${line} ${what} ${since}`);

  it('functions, methods of messages and modules', () => {
    expect(
      uses(
        "local f = function(msg)\n  return msg:recipient_list()[1]\nend\nlocal m = require 'policy-extras.mail_auth'",
      ),
    ).toEqual(['2 msg:recipient_list 2025.12.02', '4 the module policy-extras.mail_auth 2025.12.02']);
    expect(uses("kumo.fs.open('x')")).toEqual(['1 kumo.fs.open 2025.10.06']);
    expect(uses('local list = names:recipient_list() -- msg:recipient_list()')).toEqual([]);
    expect(uses('this is no Lua')).toEqual([]);
  });

  it('events, and arguments that older releases do not give', () => {
    const on = (args: string) => uses(`kumo.on('requeue_message', function(${args}) end)`).slice(1);
    expect(on('msg, response')).toEqual(['1 the event requeue_message 2024.11.08']);
    expect(on('msg, response, context')).toEqual([
      '1 the event requeue_message 2024.11.08',
      '1 the argument insert_context of the event requeue_message 2026.03.04',
    ]);
  });
});

describe.each(TARGETS)('a tree for %s needs nothing newer', (target) => {
  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))('fixture %s', async (name) => {
    const converted = convertText(readTree(join(FIXTURES, name, 'input')), { target });
    expect(await beyond(converted, target)).toEqual([]);
  });
});

describe(`every directive, for ${oldestRelease}`, () => {
  const planned = DIRECTIVES.filter(({ disposition }) => disposition === 'direct' || disposition === 'lowered');

  it('needs nothing newer', { timeout: 120_000 }, async () => {
    for (const row of planned) {
      const [config = ''] = probesOf(row);
      const converted = convertText({ config, other: '# nothing\n' }, { target: oldestRelease });
      expect(await beyond(converted, oldestRelease), `${row.scope} ${row.name}`).toEqual([]);
    }
  });
});

describeCorpus('trees for each release', (configs) => {
  it.each(configs)('$name', async ({ path }) => {
    for (const target of TARGETS) {
      const converted = convertPath(path, { target, allowOpenRelay: true });
      expect(await beyond(converted, target), target).toEqual([]);
    }
  });
});
