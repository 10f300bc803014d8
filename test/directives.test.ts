import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { editsBetween } from '../src/diagnostics/likeness';
import { findRow, scopesOf, suggest, suggestTag } from '../src/directives/lookup';
import type { DirectiveRow } from '../src/directives/row';
import { DIRECTIVES } from '../src/directives/table';
import { readValue } from '../src/directives/values';
import { WRONG_NAMES, WRONG_TAGS } from '../src/directives/wrong-names';

const shared = new URL('../../shared/', import.meta.url);

function pathOf(name: string, base: URL = shared): string {
  return fileURLToPath(new URL(name, base));
}

function keyOf({ name, scope }: Pick<DirectiveRow, 'name' | 'scope'>): string {
  return `${name}\t${scope}`;
}

/** The rows of a tab-separated file, as records of its header line. */
function readTsv(path: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, index) => [columns[index] ?? '', cell])));
}

/** `name<TAB>scope` for each scope of a row; the nameless pattern line is called (pattern) in the facts. */
function keys(row: Record<string, string>, name: string, scopes: string): string[] {
  const bare = row[name] === '(pattern)' ? '' : row[name];
  return (row[scopes] ?? '').split(',').map((scope) => `${bare}\t${scope}`);
}

const converted = DIRECTIVES.filter((row) => row.disposition === 'direct' || row.disposition === 'lowered');

describe('the directive table', () => {
  it('is sorted by name and scope, without doubles', () => {
    const names = DIRECTIVES.map(keyOf);
    expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('has every name of the committed checklist, and no other', () => {
    const list = readFileSync(pathOf('../fixtures/directive-names.txt', new URL('.', import.meta.url)), 'utf8');
    const wanted = list.split('\n').filter((line) => line !== '');
    expect(DIRECTIVES.map(keyOf).sort()).toEqual(wanted.sort());
  });

  it('gives every row a note that is a sentence', () => {
    const poor = DIRECTIVES.filter(({ note }) => !/^[A-Za-z][^\n]{20,}\.$/.test(note) || / {2}|->|=>/.test(note));
    expect(poor.map(keyOf)).toEqual([]);
  });

  it('does not name what the converter is made of', () => {
    const internal = DIRECTIVES.filter((row) =>
      /pmta\.lua|init\.lua|make\.|x_pmta|\.toml/.test(`${row.note} ${row.target}`),
    );
    expect(internal.map(keyOf)).toEqual([]);
  });

  it('gives every converted row a target and a release', () => {
    expect(converted.length).toBeGreaterThan(250);
    const poor = converted.filter(
      (row) => !('since' in row) || !/^20\d\d\.\d\d\.\d\d$/.test(row.since) || row.target === '',
    );
    expect(poor.map(keyOf)).toEqual([]);
  });

  it('has a source for every row', () => {
    expect(DIRECTIVES.filter(({ ref }) => ref.trim() === '').map(keyOf)).toEqual([]);
  });

  it('has words exactly where they are read', () => {
    for (const row of DIRECTIVES) {
      if (row.value === 'enum') expect(row.words?.length, keyOf(row)).toBeGreaterThan(1);
      else if (row.words !== undefined) expect(row.value, keyOf(row)).toBe('int');
      for (const word of row.words ?? []) expect(word).toBe(word.toLowerCase());
    }
  });

  it('knows idle values only where nothing is converted, in lower case, yes and no in both spellings', () => {
    for (const row of DIRECTIVES) {
      const idle = row.idle ?? [];
      if (idle.length > 0) expect(['manual', 'unsupported', 'implicit'], keyOf(row)).toContain(row.disposition);
      for (const word of idle) expect(word).toBe(word.toLowerCase());
      expect(idle.includes('no'), keyOf(row)).toBe(idle.includes('false'));
      expect(idle.includes('yes'), keyOf(row)).toBe(idle.includes('true'));
    }
  });

  it('can read its own defaults and idle values', () => {
    for (const row of DIRECTIVES) {
      // Their defaults are what stands behind the record type or the network.
      if (['record-fields', 'http-access', 'cidr-int', 'cidr-rate', 'cidr-data-rate'].includes(row.value)) continue;
      const written = [row.default, ...(row.idle ?? [])].filter((text) => text !== undefined);
      for (const text of written) {
        const { value } = readValue(row, text === '' ? '""' : text);
        expect(value, `${keyOf(row)} ${text}`).not.toMatchObject({ kind: 'error' });
      }
    }
  });

  it('repeats what PowerMTA adds up, and nothing that it allows once', () => {
    const adds = ['postmaster', 'host-name', 'domain-key', 'http-access', 'reply', 'alias', 'mx', 'record-fields', ''];
    const once = ['records', 'pickup', 'pattern-list', 'max-smtp-out', 'queue-to'];
    for (const name of adds) expect(rowsNamed(name).map(({ repeats }) => repeats)).not.toContain('last');
    for (const name of once) expect(rowsNamed(name).map(({ repeats }) => repeats)).not.toContain('adds');
    expect(rowsNamed('')).toHaveLength(1);
  });

  it('keeps secrets in kinds of value that are never shown', () => {
    for (const name of ['auth-password', 'password', 'api-key', 'http-api-key', 'imprinter-password']) {
      expect(new Set(rowsNamed(name).map(({ value }) => value))).toEqual(new Set(['secret']));
    }
    for (const name of ['smtp-server-tls-certificate', 'smtp-client-certificate']) {
      expect(rowsNamed(name).map(({ value }) => value)).toEqual(['path-secret']);
    }
  });

  it('marks tags, and only tags', () => {
    for (const row of DIRECTIVES) expect(row.tag === true, keyOf(row)).toBe(row.name.startsWith('<'));
    for (const row of DIRECTIVES) expect(row.value === 'tag', keyOf(row)).toBe(row.tag === true);
  });
});

/** Rows that were built otherwise than the mapping has them, with what stands there. */
const BUILT_OTHERWISE: ReadonlyMap<string, readonly [disposition: string, exactness?: string]> = new Map([
  // The clients' authentication by key is left to a person.
  ['<transmissions-api-listener>\tglobal', ['direct', 'exact']],
  // KumoMTA's text for a missing final reply is the same in every release, so that a handler can know it.
  ['assume-delivery-upon-data-termination-timeout\tdomain', ['unsupported']],
  // It chooses how long a rule lasts.
  ['backoff-to-normal-after-delivery\tdomain', ['unsupported']],
  // KumoMTA shares what domains with the same mail exchangers may do, whatever the file says.
  ['disable-mx-rollup\tdomain', ['lowered', 'exact']],
  // There are no reports on delays.
  ['deliver-local-dsn\tdomain', ['lowered', 'exact']],
  // What PowerMTA's JSON holds is not documented.
  ['http-delivery-extra-headers\tdomain', ['lowered', 'exact']],
  ['http-delivery-url\tdomain', ['lowered', 'approximate']],
  ['<address-list>\tglobal', ['lowered', 'approximate']],
  ['from-domain\trewrite-list', ['lowered', 'approximate']],
  // A header that a message has already cannot be told from one of its own.
  ['include-headers-from\tglobal', ['lowered', 'exact']],
  ['include-headers-from\tvirtual-mta', ['lowered', 'exact']],
  ['include-headers-from\tvirtual-mta-pool', ['lowered', 'exact']],
  // Times are in UTC.
  ['iso-times\tacct-file', ['direct', 'exact']],
]);

describe.skipIf(!existsSync(shared))('the directive table against the facts', () => {
  it('has every directive and tag of the catalogue, with its source', () => {
    const directives = readTsv(pathOf('facts/powermta/directives.tsv'));
    const tags = readTsv(pathOf('facts/powermta/tags.tsv'));
    const wanted = new Map([
      ...directives.flatMap((row) => keys(row, 'name', 'scopes').map((key) => [key, row.source?.trim()] as const)),
      ...tags.flatMap((row) =>
        keys(row, 'tag', 'allowed_in').map((key) => [`<${key.replace('\t', '>\t')}`, row.source?.trim()] as const),
      ),
    ]);
    expect(wanted.size).toBeGreaterThan(400);
    expect(new Map(DIRECTIVES.map((row) => [keyOf(row), row.ref]))).toEqual(wanted);
  });

  /** What the conversion does better or worse than the mapping planned. */
  it('gives every row the disposition and exactness of the mapping', () => {
    const mapping = readTsv(pathOf('mapping.tsv'));
    const wanted = mapping.flatMap((row) => {
      const exactness = row.disposition === 'direct' || row.disposition === 'lowered' ? row.exactness : undefined;
      return keys(row, 'name', 'scope').map((key) => [key, row.disposition, exactness]);
    });
    const mine = DIRECTIVES.map((row) => {
      const [disposition, exactness] = BUILT_OTHERWISE.get(keyOf(row)) ?? [
        row.disposition,
        'exactness' in row ? row.exactness : undefined,
      ];
      return [keyOf(row), disposition, exactness];
    });
    expect(mine.sort()).toEqual(wanted.sort());
  });
});

function rowsNamed(name: string): DirectiveRow[] {
  return DIRECTIVES.filter((row) => row.name === name);
}

describe('findRow', () => {
  it('tells the meanings of one name apart', () => {
    expect(findRow('max-smtp-out', 'domain')).toMatchObject({ default: '20', exactness: 'approximate' });
    expect(findRow('max-smtp-out', 'virtual-mta')).toMatchObject({ default: 'unlimited', exactness: 'exact' });
    expect(findRow('max-smtp-out', 'source')).toBeUndefined();
    expect(findRow('domain', 'address-list', false)).toMatchObject({ name: 'domain', value: 'name' });
    expect(findRow('domain', 'address-list', true)).toBeUndefined();
    expect(findRow('domain', 'virtual-mta', true)).toMatchObject({ name: '<domain>', tag: true });
  });

  it('does not care about case, and takes tags with and without their brackets', () => {
    expect(findRow('Log-Rotate', 'global')?.name).toBe('log-rotate');
    expect(findRow('<Virtual-MTA>', 'global', true)).toBe(findRow('virtual-mta', 'global', true));
    expect(findRow('virtual-mta', 'global', false)).toBeUndefined();
  });

  it('finds the nameless lines of bounce-category-patterns and the catch-all of pattern lists', () => {
    expect(findRow('', 'bounce-category-patterns')?.value).toBe('category-pattern');
    expect(findRow('', 'domain')).toBeUndefined();
    expect(findRow('*', 'pattern-list')?.value).toBe('pattern-result');
  });

  it('reads the old tag names as the new ones', () => {
    expect(findRow('upload-url', 'sparkpost-analytics')).toBe(findRow('upload-url', 'signals'));
    expect(findRow('address-file', 'suppression-list')).toBe(findRow('address-file', 'address-list'));
  });

  it('is not fooled by the names of object properties', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(findRow(name, 'domain')).toBeUndefined();
      expect(suggest(name)).toBeUndefined();
    }
  });
});

describe('scopesOf', () => {
  it('lists where a directive or tag may stand', () => {
    expect(scopesOf('max-smtp-out')).toEqual(['domain', 'virtual-mta', 'virtual-mta-pool']);
    expect(scopesOf('domain', true)).toEqual(['global', 'virtual-mta', 'virtual-mta-pool']);
    expect(scopesOf('max-message-rate')).toEqual([]);
  });
});

describe('suggest', () => {
  it.each([
    ['max-smpt-out', 'domain', 'max-smtp-out'],
    ['max-msg-rates', 'domain', 'max-msg-rate'],
    ['HOST-NAMES', 'global', 'host-name'],
    ['dkim-key', 'domain', 'domain-key'],
    ['max-conn-rate', 'domain', 'max-connect-rate'],
    ['map-header-to-column', 'acct-file', 'map-header-to-field'],
    ['backoff-reroute-to', 'domain', 'backoff-reroute-to-virtual-mta'],
    ['spool-dir', 'global', 'spool'],
  ] as const)('%s in %s means %s', (wrong, scope, right) => {
    expect(suggest(wrong, scope)).toBe(right);
  });

  it('prefers a name that is legal in the scope', () => {
    // One edit from smtp-hosts, which belongs into a domain; two from smtp-port, which is global.
    expect(suggest('smtp-posts', 'global')).toBe('smtp-port');
    expect(suggest('smtp-posts', 'domain')).toBe('smtp-hosts');
    expect(suggest('smtp-posts')).toBe('smtp-hosts');
    // Legal nowhere near here, but hardly anything else can be meant.
    expect(suggest('max-msg-rat', 'global')).toBe('max-msg-rate');
    expect(suggest('max-msg-xxxx', 'global')).toBeUndefined();
  });

  it.each(['x', 'frobnicate', '/user unknown/', 'a@b.example', '}', ''])('has nothing to say on %s', (name) => {
    expect(suggest(name)).toBeUndefined();
    expect(suggest(name, 'domain')).toBeUndefined();
    expect(suggestTag(name)).toBeUndefined();
  });

  it('does not compare what is far too long', () => {
    expect(suggest('max-smtp-out'.repeat(500))).toBeUndefined();
  });

  it('knows tags as well', () => {
    expect(suggestTag('virtualmta')).toBe('virtual-mta');
    expect(suggestTag('transmission-api-listener')).toBe('transmissions-api-listener');
    expect(suggestTag('Virtual-Mta-Group', 'global')).toBe('virtual-mta-pool');
  });

  it('leads from known mistakes to names that exist, and never from one that is right', () => {
    for (const [wrong, right] of Object.entries(WRONG_NAMES)) {
      expect(scopesOf(right).length, right).toBeGreaterThan(0);
      expect(scopesOf(wrong), wrong).toEqual([]);
    }
    for (const [wrong, right] of Object.entries(WRONG_TAGS)) {
      expect(scopesOf(right, true).length, right).toBeGreaterThan(0);
      expect(scopesOf(wrong, true), wrong).toEqual([]);
    }
  });
});

describe('editsBetween', () => {
  it.each([
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xabcy', 2],
    ['smtp', 'smpt', 1],
    ['', 'ab', 2],
  ])('%s to %s takes %i', (a, b, edits) => {
    expect(editsBetween(a, b, 10)).toBe(edits);
    expect(editsBetween(b, a, 10)).toBe(edits);
  });

  it('gives up above the limit', () => {
    expect(editsBetween('abcdefgh', 'stuvwxyz', 2)).toBeGreaterThan(2);
  });
});
