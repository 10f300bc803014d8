import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDiagnostics, type Diagnostics } from '../src/diagnostics/diagnostic';
import { placeOf, textOf } from '../src/diagnostics/span';
import { type Host, HostError } from '../src/host';
import { diskHost } from '../src/host-disk';
import type { FileNode } from '../src/syntax/ast';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../src/syntax/load';
import { printFile } from '../src/syntax/print';
import { describeCorpus } from './support/corpus';
import { memoryHost } from './support/memory-host';
import { placeOfEach } from './support/outline';

interface Loaded {
  readonly loaded: LoadedConfig;
  readonly diagnostics: Diagnostics;
  /** Paths of all files, in the order in which they were read. */
  readonly files: readonly string[];
  /** `line text -> files` for each include line. */
  readonly includes: readonly string[];
  readonly found: readonly string[];
}

function loadFrom(host: Host, path: string, options: LoadOptions = {}): Loaded {
  const diagnostics = createDiagnostics();
  const loaded = loadConfig(host, path, options, diagnostics);
  const pathsOf = (nodes: readonly FileNode[]) => nodes.map(({ source }) => source.path);
  return {
    loaded,
    diagnostics,
    files: pathsOf(loaded.files),
    includes: [...loaded.includes].map(([line, nodes]) => `${textOf(line.span)} -> ${pathsOf(nodes).join(' ')}`),
    found: placeOfEach(diagnostics.list),
  };
}

const load = (files: Readonly<Record<string, string | Uint8Array>>, path = '/c/config', options: LoadOptions = {}) =>
  loadFrom(memoryHost(files), path, options);

describe('roots', () => {
  test('a folder stands for its config, and config-defaults comes last', () => {
    const files = { '/c/config': 'a 1', '/c/config-defaults': 'b 2' };
    for (const path of ['/c', '/c/', '/c/config']) {
      const { loaded, found } = load(files, path);
      expect(loaded.roots.map(({ source }) => source.path)).toEqual(['config', 'config-defaults']);
      expect(found).toEqual([]);
    }
  });

  test('config-defaults counts beside a file named config only', () => {
    const { files } = load({ '/c/mine.conf': 'a 1', '/c/config-defaults': 'b 2' }, '/c/mine.conf');
    expect(files).toEqual(['mine.conf']);
  });

  test('an included config-defaults is no root', () => {
    const { loaded } = load({ '/c/config': 'include config-defaults', '/c/config-defaults': 'b 2' });
    expect(loaded.roots.length).toBe(1);
    expect(loaded.files.length).toBe(2);
  });

  test('a config-defaults that cannot be read is diagnosed', () => {
    const host = memoryHost({ '/c/config': 'a 1', '/c/config-defaults': '' });
    const refusing: Host = {
      ...host,
      read(path) {
        if (path.endsWith('defaults')) throw new HostError(path, 'permission denied');
        return host.read(path);
      },
    };
    const { found, diagnostics } = loadFrom(refusing, '/c');
    expect(found).toEqual(['include-unreadable -']);
    expect(diagnostics.list[0]?.message).toBe('config-defaults cannot be read: permission denied');
  });

  test.each([
    ['nothing there', {}, '/c/config'],
    ['a folder without config', { '/c/x': '' }, '/c'],
    ['a folder named config', { '/c/config/x': '' }, '/c'],
  ])('%s throws a HostError', (_, files, path) => {
    expect(() => load(files, path)).toThrow(HostError);
  });

  test('a device is not read', () => {
    const host: Host = { ...memoryHost({ '/c/config': '' }), stat: () => 'other' };
    expect(() => loadFrom(host, '/c/config')).toThrow(HostError);
  });
});

describe('include lines', () => {
  test('are found anywhere, in any case, quoted or not', () => {
    const { includes, found } = load({
      '/c/config': 'include a\nInclude "b c"\n<virtual-mta v>\n<domain x>\ninclude a\n</domain>\n</virtual-mta>\n',
      '/c/a': 'x 1',
      '/c/b c': 'y 2',
    });
    expect(includes).toEqual(['include a -> a', 'Include "b c" -> b c', 'include a -> a']);
    expect(found).toEqual([]);
  });

  test('are found in a block that a directive opened', () => {
    const { includes } = load({ '/c/config': '* <pattern-list>\ninclude a\n</pattern-list>', '/c/a': '' });
    expect(includes).toEqual(['include a -> a']);
  });

  test('a file included twice is read once', () => {
    const { loaded, files } = load({ '/c/config': 'include a\ninclude a\n', '/c/a': 'x 1' });
    const [first, second] = [...loaded.includes.values()];
    expect(files).toEqual(['config', 'a']);
    expect(first?.[0]).toBe(second?.[0]);
  });

  test('a relative name counts from the including file, then from the main one', () => {
    const { files, found } = load({
      '/c/config': 'include sub/a',
      '/c/sub/a': 'include b\ninclude d',
      '/c/sub/b': '',
      '/c/b': '',
      '/c/d': '',
    });
    expect(files).toEqual(['config', 'sub/a', 'sub/b', 'd']);
    expect(found).toEqual([]);
  });

  test('an absolute name that exists and may be read is taken as it is, and shown as such', () => {
    const files = { '/c/config': 'include /etc/pmta/a\ninclude /c/a', '/etc/pmta/a': '', '/c/a': '' };
    expect(load(files, '/c/config', { allowOutside: ['/etc/pmta'] }).files).toEqual(['config', '/etc/pmta/a', 'a']);
  });

  test('the copy below the folder of the configuration comes before a file elsewhere that may not be read', () => {
    const { files, found } = load({ '/c/config': 'include /etc/pmta/a', '/etc/pmta/a': '', '/c/a': '' });
    expect({ files, found }).toEqual({ files: ['config', 'a'], found: [] });
  });

  test.each([
    ['/etc/pmta/x/y', ['/c/x/y', '/c/etc/pmta/x/y', '/c/y'], 'x/y'],
    ['/opt/x/y', ['/c/y', '/c/x/y'], 'x/y'],
    ['/opt/x/y', ['/c/y', '/c/opt/x/y', '/c/x/y'], 'opt/x/y'],
    ['/opt/x/y', ['/c/y'], 'y'],
    ['c:\\pmta\\x\\y', ['/c/x/y'], 'x/y'],
  ])('%s is looked for below the folder of the configuration (%j)', (name, others, expected) => {
    const files = Object.fromEntries(others.map((path) => [path, '']));
    expect(load({ ...files, '/c/config': `include ${name}` }).files).toEqual(['config', expected]);
  });

  test('--root says where to look instead', () => {
    const files = { '/c/config': 'include /etc/pmta/x', '/c/x': '', '/copy/x': '' };
    expect(load(files, '/c/config', { root: '/copy' }).files).toEqual(['config', '/copy/x']);
  });

  test('a guess never becomes a cycle', () => {
    expect(load({ '/c/config': 'include /opt/other/config' }).found).toEqual(['include-missing 1:9']);
  });

  test('a missing file, an empty name', () => {
    const { found, includes } = load({ '/c/config': 'a 1\n  include no/such\ninclude\ninclude ""\n' });
    expect(found).toEqual(['include-missing 2:11', 'include-empty 3:1', 'include-empty 4:1']);
    expect(includes).toEqual(['include no/such -> ', 'include -> ', 'include "" -> ']);
  });

  test('a URL is not fetched, and its password not shown', () => {
    const { found, diagnostics } = load({ '/c/config': 'include https://me:secret@x.test/a@b' });
    expect(found).toEqual(['include-remote 1:9']);
    expect(diagnostics.list[0]?.message).toContain('https://x.test/a@b');
    expect(JSON.stringify(diagnostics.list.map(({ message, help }) => message + help))).not.toContain('secret');
  });

  test('a folder is not a file', () => {
    expect(load({ '/c/config': 'include sub', '/c/sub/a': '' }).found).toEqual(['include-not-a-file 1:9']);
  });

  test('an unreadable file is left out, and the rest goes on', () => {
    const host = memoryHost({ '/c/config': 'include a\ninclude b', '/c/a': '', '/c/b': '' });
    const refusing: Host = {
      ...host,
      read(path) {
        if (path === '/c/a') throw new HostError(path, 'permission denied');
        return host.read(path);
      },
    };
    const { found, includes } = loadFrom(refusing, '/c');
    expect(found).toEqual(['include-unreadable 1:9']);
    expect(includes).toEqual(['include a -> ', 'include b -> b']);
  });
});

describe('files outside the folder of the configuration', () => {
  const others = {
    '/c/config': '',
    '/c/l': '',
    '/d/x': '',
    '/d/y.q': '',
    '/e f/x': '',
    '/proc/self/environ': '',
    '/dev/zero': '',
  };

  function told(line: string, options: LoadOptions = {}, config = '/c/config'): readonly string[] {
    const { found, files } = load({ ...others, [config]: line }, config, options);
    return [...found, ...files.slice(1)];
  }

  test.each<[line: string, found: readonly string[]]>([
    ['include /d/x', ['include-outside 1:9']],
    ['include ../d/x', ['include-outside 1:9']],
    ['include sub/../../d/x', ['include-outside 1:9']],
    ['include /c/../d/x', ['include-outside 1:9']],
    ['include /c/sub/../l', ['l']],
    ['include "/e f/x"', ['include-outside 1:9']],
    ['include /d/*.q', ['include-outside 1:9']],
    ['include /*/x', ['include-outside 1:9']],
    ['include ../*/x', ['include-outside 1:9']],
    ['include /nowhere/*.q', ['include-empty-glob 1:9']],
    ['include /nowhere/x', ['include-missing 1:9']],
    ['include /proc/self/environ', ['include-outside 1:9']],
    ['include /dev/zero', ['include-outside 1:9']],
  ])('%s', (line, found) => {
    expect(told(line)).toEqual(found);
  });

  test('are read when their folder is allowed', () => {
    expect(told('include /d/x', { allowOutside: ['/d'] })).toEqual(['/d/x']);
    expect(told('include ../d/*.q', { allowOutside: ['/x', '/d'] })).toEqual(['/d/y.q']);
    expect(told('include /d/x', { root: '/d' })).toEqual(['/d/x']);
    expect(told('include /d/x', { allowOutside: ['/'] })).toEqual(['/d/x']);
    // A name that only begins alike is another folder.
    expect(load({ '/c/config': 'include /ca/x', '/ca/x': '' }).found).toEqual(['include-outside 1:9']);
  });

  test('of the kernel are read only when they are named themselves', () => {
    for (const allowed of [[], ['/']])
      expect(told('include /proc/self/environ', { allowOutside: allowed })).toEqual(['include-outside 1:9']);
    expect(told('include /proc/self/environ', {}, '/config')).toEqual(['include-outside 1:9']);
    expect(told('include /d/x', {}, '/config')).toEqual(['d/x']);
    expect(told('include /proc/self/environ', { allowOutside: ['/proc/self'] })).toEqual(['/proc/self/environ']);
  });

  test('the message names the file, and the folder as a shell takes it', () => {
    const { diagnostics } = load({ ...others, '/c/config': 'include "/e f/x"' });
    expect(diagnostics.list[0]).toMatchObject({
      message: '/e f/x was not read: it lies outside the folder of the configuration',
      help: "if it is yours, allow its folder with --allow-outside '/e f', or copy it beside the configuration",
    });
  });

  test('a link counts as what it leads to', () => {
    const host: Host = {
      ...memoryHost({
        '/c/config': 'include l\ninclude s/*\ninclude k',
        '/c/l': '',
        '/c/k': '',
        '/c/s/a': '',
        '/c/s/b': '',
      }),
      realPath: (path) => ({ '/c/l': '/d/x', '/c/s/b': '/d/y', '/c/k': '/c/deep/k' })[path] ?? path,
    };
    const { found, files, diagnostics } = loadFrom(host, '/c');
    expect(found).toEqual(['include-outside 1:9', 'include-outside 2:9']);
    expect(files).toEqual(['config', 's/a', 'k']);
    expect(diagnostics.list.map(({ help }) => help.includes('--allow-outside /d,'))).toEqual([true, true]);
  });

  test('a configuration behind a link has its real folder', () => {
    const host: Host = {
      ...memoryHost({
        '/etc/pmta/config': 'include /etc/pmta/a\ninclude /srv/pmta/b',
        '/etc/pmta/a': '',
        '/srv/pmta/b': '',
      }),
      realPath: (path) => path.replace('/etc/pmta', '/srv/pmta'),
    };
    expect(loadFrom(host, '/etc/pmta').found).toEqual([]);
  });

  test('a main file that is a link out of the folder has to be named itself', () => {
    const host: Host = {
      ...memoryHost({ '/c/config': 'a 1', '/d/real': '' }),
      realPath: (path) => (path === '/c/config' ? '/d/real' : path),
    };
    expect(() => loadFrom(host, '/c')).toThrow('it is a link out of its folder');
    expect(loadFrom(host, '/c/config').files).toEqual(['config']);
    expect(loadFrom(host, '/c', { allowOutside: ['/d'] }).files).toEqual(['config']);
  });

  test('config-defaults is no way out either', () => {
    const host: Host = {
      ...memoryHost({ '/c/config': 'a 1', '/c/config-defaults': 'b 1' }),
      realPath: (path) => (path.endsWith('defaults') ? '/etc/shadow' : path),
    };
    expect(loadFrom(host, '/c')).toMatchObject({ found: ['include-outside -'], files: ['config'] });
  });
});

describe('patterns', () => {
  const many = { '/c/d/b.conf': '', '/c/d/a.conf': '', '/c/d/.h.conf': '', '/c/d/c.txt': '', '/c/e/a.conf': '' };

  test.each([
    ['d/*.conf', ['d/a.conf', 'd/b.conf']],
    ['d/?.*', ['d/a.conf', 'd/b.conf', 'd/c.txt']],
    ['d/[ab].conf', ['d/a.conf', 'd/b.conf']],
    ['d/[!a]*', ['d/b.conf', 'd/c.txt']],
    ['d/[b-z].*', ['d/b.conf', 'd/c.txt']],
    ['d/.*', ['d/.h.conf']],
    ['?/a.conf', ['d/a.conf', 'e/a.conf']],
    ['/etc/pmta/*/b*', ['d/b.conf']],
    ['"d/*.txt"', ['d/c.txt']],
    ['d/*a*c*n*f*', ['d/a.conf']],
  ])('%s', (pattern, expected) => {
    const { files, found } = load({ ...many, '/c/config': `include ${pattern}` });
    expect(files).toEqual(['config', ...expected]);
    expect(found).toEqual([]);
  });

  test('without a match are reported', () => {
    expect(load({ ...many, '/c/config': 'include d/*.cfg\ninclude x/*' }).found).toEqual([
      'include-empty-glob 1:9',
      'include-empty-glob 2:9',
    ]);
  });

  test('a file whose name looks like a pattern is found first', () => {
    expect(load({ '/c/config': 'include [a].c', '/c/[a].c': '', '/c/a.c': '' }).files).toEqual(['config', '[a].c']);
  });

  test('a matched folder is not a file', () => {
    const { found, files } = load({ ...many, '/c/d/z/q': '', '/c/config': 'include d/*' });
    expect(found).toEqual(['include-not-a-file 1:9']);
    expect(files).toEqual(['config', 'd/a.conf', 'd/b.conf', 'd/c.txt']);
  });

  test('hostile ones take no exponential time', () => {
    const start = performance.now();
    load({ '/c/config': `include ${'*a'.repeat(60)}b`, [`/c/${'a'.repeat(200)}`]: '' });
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('cycles and limits', () => {
  test('a folder that holds itself ends a pattern of many levels', () => {
    const host: Host = {
      stat: (path) => (path === '/c/config' ? 'file' : path.includes('*') ? undefined : 'directory'),
      realPath: (path) => path,
      read: () => new TextEncoder().encode(`include ${'*/'.repeat(200)}x\n`.repeat(20)),
      list: () => Array.from({ length: 40 }, (_, i) => `l${i}`),
    };
    let listed = 0;
    const counting: Host = {
      ...host,
      list(path) {
        listed++;
        return host.list(path);
      },
    };
    const { found } = loadFrom(counting, '/c/config');
    expect(found[0]).toBe('include-limit 1:9');
    expect(listed).toBeLessThan(1_000_000 / 40 + 20_000);
  });

  test('a name of a million folders is not looked for in a million places', () => {
    let asked = 0;
    const host = memoryHost({ '/c/config': `include /${'a/'.repeat(1_000_000)}b\ninclude /${'a/'.repeat(2000)}b\n` });
    const counting: Host = {
      ...host,
      stat(path) {
        asked++;
        return host.stat(path);
      },
    };
    expect(loadFrom(counting, '/c/config').found).toEqual(['include-missing 1:9', 'include-missing 2:9']);
    expect(asked).toBeLessThan(50);
  });

  test('a file that includes itself', () => {
    expect(load({ '/c/config': 'a 1\ninclude config' }).found).toEqual(['include-cycle 2:9']);
  });

  test('a cycle names its chain', () => {
    const { found, diagnostics, includes } = load({
      '/c/config': 'include a',
      '/c/a': '\ninclude b',
      '/c/b': '\n\ninclude a',
    });
    expect(found).toEqual(['include-cycle 3:9']);
    expect(diagnostics.list[0]?.span?.source.path).toBe('b');
    expect(diagnostics.list[0]?.related.map(({ span }) => placeOf(span))).toEqual(['a:2']);
    expect(includes).toEqual(['include a -> ', 'include b -> b', 'include a -> a']);
  });

  test('32 levels are read, a 33rd is not', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [
          i === 0 ? '/c/config' : `/c/f${i}`,
          i < length - 1 ? `include f${i + 1}` : '',
        ]),
      );
    expect(load(chain(32)).found).toEqual([]);
    const deep = load(chain(34));
    expect(deep.found).toEqual(['include-limit 1:9']);
    expect(deep.diagnostics.list[0]?.message).toContain('32 levels');
    expect(deep.files.length).toBe(32);
  });

  test('a long way to a file that was read by a short one counts, too', () => {
    // f1 is read last, when the whole chain below it is known.
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`/c/f${i}`, i > 0 ? `include f${i - 1}` : '']),
    );
    const order = Array.from({ length: 40 }, (_, i) => `include f${i}\n`).join('');
    const { diagnostics } = load({ ...files, '/c/config': order });
    expect(diagnostics.list[0]?.code).toBe('include-limit');
  });

  test('few lines cannot stand for millions', () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`/c/f${i}`, `include f${i + 1}\n`.repeat(2)]),
    );
    const { found, loaded } = load({ ...files, '/c/f20': 'x 1', '/c/config': 'include f0' });
    // f8 stands for 2^13 - 1 = 8191 files; the second f8 in f7 would make it more than 10,000.
    expect(found[0]).toBe('include-limit 2:9');
    const count = (node: FileNode): number =>
      node.items.reduce(
        (sum, item) =>
          item.kind === 'directive'
            ? (loaded.includes.get(item) ?? []).reduce((total, child) => total + count(child), sum)
            : sum,
        1,
      );
    expect(count(loaded.roots[0] ?? loaded.files[0] ?? expect.fail('no file'))).toBeLessThanOrEqual(10_000);
  });

  test('a pattern that brings in too many files is cut, with one message', () => {
    const names = Array.from({ length: 10_500 }, (_, i) => `d${i}`);
    const host: Host = {
      stat: (path) => (path === '/c' || path === '/c/d' ? 'directory' : 'file'),
      realPath: (path) => path,
      read: (path) => new TextEncoder().encode(path === '/c/config' ? 'include d/*' : 'x 1'),
      list: () => names,
    };
    const plainAbsent: Host = { ...host, stat: (path) => (path.endsWith('*') ? undefined : host.stat(path)) };
    const { found, files } = loadFrom(plainAbsent, '/c/config');
    expect(new Set(found.slice(0, 2))).toEqual(new Set(['include-limit 1:9']));
    expect(found.length).toBeLessThanOrEqual(2);
    expect(files.length).toBeLessThanOrEqual(10_001);
  });

  test('more than 256 MiB are not read', () => {
    const big = new Uint8Array(100 * 2 ** 20).fill(0x23);
    const { found, files } = load({
      '/c/config': 'include a\ninclude b\ninclude d',
      '/c/a': big,
      '/c/b': big,
      '/c/d': big,
    });
    expect(found).toEqual(['include-limit 3:9']);
    expect(files).toEqual(['config', 'a', 'b']);
  });
});

describe('bytes', () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  test('UTF-8 is read as such, a byte order mark kept', () => {
    const { loaded, found } = load({ '/c/config': '\uFEFFa 漢\n' });
    expect(loaded.roots.map(printFile)).toEqual(['\uFEFFa 漢\n']);
    expect(found).toEqual([]);
  });

  test('other bytes are read as Latin-1, with a warning at the first of them', () => {
    const { loaded, found } = load({ '/c/config': bytes('a 1\nb caf\xE9\n') });
    expect(loaded.roots.map(printFile)).toEqual(['a 1\nb café\n']);
    expect(found).toEqual(['encoding 2:6']);
  });

  test('good UTF-8 before the bad byte is passed over', () => {
    expect(load({ '/c/config': bytes('# \xC3\xA9\nb \xFF') }).found).toEqual(['encoding 2:3']);
  });

  test('a binary file is empty', () => {
    const { loaded, found } = load({ '/c/config': bytes('\x7FELF\0\0\0\x01\x02\x03') });
    expect(loaded.roots.map(printFile)).toEqual(['']);
    expect(found).toEqual(['not-text 1:1']);
  });

  test('a stray NUL makes no binary file', () => {
    expect(load({ '/c/config': 'max-smtp-out 20\0\n' }).found).toEqual(['control-character 1:16']);
  });
});

describe('the disk', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pmta2kumo-'));
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'config'), 'include /etc/pmta/d/*.conf\n');
    writeFileSync(join(folder, 'd', 'z.conf'), 'b 2\n');
    writeFileSync(join(folder, 'd', 'a.conf'), 'a 1\n');
    symlinkSync('loop', join(folder, 'loop'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read as the memory is', () => {
    expect(loadFrom(diskHost(), folder).files).toEqual(['config', 'd/a.conf', 'd/z.conf']);
  });

  test('tells what stands where', () => {
    const host = diskHost();
    const kinds = ['config', 'd', 'none', 'config/x', 'loop', 'a\0b', 'x'.repeat(5000)];
    expect(kinds.map((name) => host.stat(join(folder, name)))).toEqual([
      'file',
      'directory',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(host.stat('/dev/null')).toBe('other');
    expect(host.list(folder)).toEqual(['config', 'd', 'loop']);
  });

  test.each([
    ['none', 'no such file or directory'],
    ['d', 'it is a directory'],
    ['loop', 'its links lead in a circle'],
  ])('gives a plain reason for %s', (name, reason) => {
    const error = new HostError(join(folder, name), reason);
    expect(() => diskHost().read(join(folder, name))).toThrow(error);
  });

  test.skipIf(process.getuid?.() === 0)('tells a forbidden file', () => {
    const path = join(folder, 'd', 'secret');
    writeFileSync(path, '');
    chmodSync(path, 0);
    expect(() => diskHost().read(path)).toThrow(new HostError(path, 'permission denied'));
  });
});

describeCorpus('loading', (configs) => {
  /** Names a file that the corpus does not have. */
  const incomplete: Readonly<Record<string, readonly string[]>> = { '16-macrob-patch': ['include-missing 53:9'] };

  test.each(configs)('$name', ({ name, path }) => {
    const { loaded, diagnostics } = loadFrom(diskHost(), path);
    const errors = diagnostics.list.filter(({ severity }) => severity === 'error');
    expect(placeOfEach(errors)).toEqual(incomplete[name] ?? []);
    expect(loaded.files.every(({ source }) => !source.path.startsWith('/'))).toBe(true);
  });
});
