import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandRun, runCommand } from './support/command';
import { readTree } from './support/converted';

let folder = '';
let tree = '';
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'hand-edits-')));
  tree = join(folder, 'out');
  configure();
  expect((await convert()).code).toBe(0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = `host-name mail.example.com
smtp-listener 10.0.0.1:25
<source 10/8>
  always-allow-relaying yes
</source>
<virtual-mta v1>
  smtp-source-host 192.0.2.1 v1.example.com
</virtual-mta>
<domain a.test>
  max-smtp-out 10
  max-msg-rate 100/h
</domain>
<domain b.test>
  max-smtp-out 30
  connect-timeout 3m
</domain>
<bounce-category-patterns>
  /full/ quota-issues
</bounce-category-patterns>
`;

/** Writes the configuration, with replacements in it. */
function configure(...changes: readonly (readonly [from: string, to: string])[]): void {
  const text = changes.reduce((all, [from, to]) => {
    expect(all).toContain(from);
    return all.replace(from, to);
  }, CONFIG);
  writeFileSync(join(folder, 'config'), text);
}

function convert(...flags: readonly string[]): Promise<CommandRun> {
  return runCommand('convert', join(folder, 'config'), '-o', tree, ...flags);
}

function read(path: string): string {
  return readFileSync(join(tree, path), 'utf8');
}

function edit(path: string, from: string, to: string): void {
  expect(read(path)).toContain(from);
  writeFileSync(join(tree, path), read(path).replace(from, to));
}

interface Document {
  readonly status: string;
  readonly changes: readonly { readonly path: string; readonly change: string; readonly conflict?: object }[];
  readonly diagnostics: readonly { readonly code: string; readonly file?: string; readonly line?: number }[];
}

function documentOf({ out }: CommandRun): Document {
  return JSON.parse(out) as Document;
}

/** What a run did, or would do, to the given paths. */
async function changes(
  paths: readonly string[],
  ...flags: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const { changes: all } = documentOf(await convert('--format', 'json', ...flags));
  return Object.fromEntries(all.filter(({ path }) => paths.includes(path)).map(({ path, change }) => [path, change]));
}

/** A conversion goes through once and has nothing to do the second time, to the byte and the folder. */
async function expectStable(...flags: readonly string[]): Promise<void> {
  const first = await convert(...flags);
  expect(first).toMatchObject({ code: 0 });
  const [inode, files] = [lstatSync(tree).ino, readTree(tree)];
  const second = await convert();
  expect(second).toMatchObject({ code: 0 });
  expect(second.out).toContain('is already up to date');
  expect([lstatSync(tree).ino, readTree(tree)]).toEqual([inode, files]);
}

describe('an edited file', () => {
  it('is merged with what the conversion changes elsewhere in it', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7 # slowly\n');
    edit('init.lua', "local kumo = require 'kumo'\n", "local kumo = require 'kumo'\nlocal mine = 1\n");
    configure(
      ['max-smtp-out 30', 'max-smtp-out 40'],
      ['10.0.0.1:25', '10.0.0.1:26'],
      ['host-name', '# moves all lines\nhost-name'],
    );
    const paths = ['init.lua', 'queues.toml', 'shaping.toml', 'sources.toml'];
    const expected = {
      'init.lua': 'merged',
      'queues.toml': 'replaced',
      'shaping.toml': 'merged',
      'sources.toml': 'replaced',
    };
    expect(await changes(paths, '--dry-run')).toEqual(expected);
    expect(read('shaping.toml')).not.toContain('40');
    expect(await changes(paths)).toEqual(expected);
    expect(read('shaping.toml')).toContain('connection_limit = 7 # slowly\n');
    expect(read('shaping.toml')).toContain('connection_limit = 40\n');
    expect(read('init.lua')).toContain('local mine = 1\n');
    expect(read('init.lua')).toContain("listen = '10.0.0.1:26'");
    expect(read('../out.bak/shaping.toml')).toContain('connection_limit = 30\n');
    await expectStable();
  });

  it('stays to the byte while the conversion has nothing new for it', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\r\n');
    const edited = read('shaping.toml');
    configure(['10.0.0.1:25', '10.0.0.1:26']);
    const run = await convert();
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/ shaping.toml +kept as you edited it\n/);
    expect(read('shaping.toml')).toBe(edited);
    await expectStable();
  });

  it('is merged again after a merge, from then on with what was generated last', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    await convert();
    configure(['max-smtp-out 30', 'max-smtp-out 50']);
    expect((await convert()).code).toBe(0);
    expect(read('shaping.toml')).toMatch(/connection_limit = 7\n[\s\S]*connection_limit = 50\n/);
    configure();
    expect((await convert()).code).toBe(0);
    expect(read('shaping.toml')).toMatch(/connection_limit = 7\n[\s\S]*connection_limit = 30\n/);
  });

  it('is nothing special any more once the conversion says the same', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
    configure(['max-smtp-out 10', 'max-smtp-out 7']);
    expect(await changes(['shaping.toml'])).toEqual({ 'shaping.toml': 'unchanged' });
    configure(['max-smtp-out 10', 'max-smtp-out 8']);
    expect(await changes(['shaping.toml'])).toEqual({ 'shaping.toml': 'replaced' });
  });

  it('can be merged on another machine, for the tree has all that it takes', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
    renameSync(tree, join(folder, 'moved'));
    tree = join(folder, 'moved');
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    expect(await changes(['shaping.toml'])).toEqual({ 'shaping.toml': 'merged' });
  });

  it('saved with CRLF or without its last line end is merged, and stays so', async () => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
    writeFileSync(join(tree, 'shaping.toml'), read('shaping.toml').replaceAll('\n', '\r\n'));
    edit('queues.toml', 'max_retry_interval = "10m" # PowerMTA default\n', 'max_retry_interval = "11m"\n');
    writeFileSync(join(tree, 'queues.toml'), read('queues.toml').trimEnd());
    configure(['max-smtp-out 30', 'max-smtp-out 40\n  bounce-after 3d']);
    expect(await changes(['queues.toml', 'shaping.toml'])).toEqual({
      'queues.toml': 'merged',
      'shaping.toml': 'merged',
    });
    expect(read('shaping.toml')).toMatch(/^(?:[^\n]*\r\n)*$/);
    expect(read('shaping.toml')).toMatch(/= 7\r\n[\s\S]*= 40\r\n/);
    expect(read('queues.toml')).toMatch(/= "11m"\n[\s\S]*max_age = "3d"[\s\S]*\n$/);
    await expectStable();
  });

  it('keeps its mode, and so does a folder', async () => {
    chmodSync(join(tree, 'init.lua'), 0o640);
    chmodSync(join(tree, 'sources.toml'), 0o600);
    chmodSync(join(tree, 'bounce_rules'), 0o700);
    chmodSync(tree, 0o750);
    configure(['10.0.0.1:25', '10.0.0.1:26'], ['192.0.2.1', '192.0.2.9']);
    expect((await convert()).code).toBe(0);
    const mode = (path: string): number => lstatSync(join(tree, path)).mode & 0o777;
    expect(['init.lua', 'sources.toml', 'shaping.toml', 'bounce_rules', ''].map(mode)).toEqual([
      0o640, 0o600, 0o644, 0o700, 0o750,
    ]);
    expect(read('init.lua')).toContain(':26');
    await expectStable();
  });
});

describe('a report', () => {
  it('keeps what was ticked and noted, and never holds up a conversion', async () => {
    edit('MIGRATION.md', '# From PowerMTA to KumoMTA\n', '# From PowerMTA to KumoMTA\n\nNote: ask Ann.\n');
    edit('MIGRATION.md', '| exact |', '| EXACT |');
    writeFileSync(join(tree, 'migration.json'), '{}\n');
    configure(['max-smtp-out 30', 'max-smtp-out 40\n  retry-after 5m']);
    const paths = ['MIGRATION.md', 'migration.json'];
    expect(await changes(paths)).toEqual({ 'MIGRATION.md': 'merged', 'migration.json': 'replaced' });
    expect(read('MIGRATION.md')).toContain('Note: ask Ann.');
    expect(read('MIGRATION.md')).toMatch(/\| EXACT \|[^\n]*\n(?:[^\n]*\n)*\| exact \|/);
    expect(JSON.parse(read('migration.json'))).toMatchObject({ schema: 'pmta2kumo.migration/1' });
    await expectStable();
  });

  it('that was deleted stays deleted', async () => {
    for (const path of ['MIGRATION.md', 'migration.json']) rmSync(join(tree, path));
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    expect(await changes(['MIGRATION.md', 'migration.json'])).toEqual({
      'MIGRATION.md': 'kept-deleted',
      'migration.json': 'kept-deleted',
    });
    expect(existsSync(join(tree, 'MIGRATION.md'))).toBe(false);
    await expectStable();
  });
});

describe('a conflict', () => {
  beforeEach(() => {
    edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
    configure(['max-smtp-out 10', 'max-smtp-out 15'], ['max-smtp-out 30', 'max-smtp-out 40']);
  });

  it('is listed with both sides, and nothing is written', async () => {
    const before = readTree(folder);
    for (const flags of [[], ['--dry-run'], ['--conflicts', 'fail']]) {
      const { code, out, err } = await convert(...flags);
      expect(code).toBe(1);
      const line = read('shaping.toml').split('\n').indexOf('connection_limit = 7') + 1;
      expect(err).toContain('error[edit-conflict]: these lines of shaping.toml were edited by hand');
      expect(err).toContain(`--> ${tree}/shaping.toml:${line}:1\n`);
      expect(out).toContain('Nothing was written: hand edits in');
      expect(out).toContain(
        `  shaping.toml:${line}\n    yours | connection_limit = 7\n    new   | connection_limit = 15\n`,
      );
    }
    expect(readTree(folder)).toEqual(before);
  });

  it('is in the JSON with its three texts', async () => {
    const document = documentOf(await convert('--format', 'json'));
    expect(document.status).toBe('conflict');
    expect(document.diagnostics.filter(({ code }) => code.startsWith('edit-'))).toMatchObject([
      { code: 'edit-conflict', file: join(tree, 'shaping.toml') },
    ]);
    expect(document.changes.find(({ path }) => path === 'shaping.toml')).toMatchObject({
      change: 'conflict',
      conflict: {
        reason: 'overlap',
        places: [
          { yours: ['connection_limit = 7'], before: ['connection_limit = 10'], generated: ['connection_limit = 15'] },
        ],
      },
    });
  });

  it('is settled for your side or the other, and what does not conflict is merged', async () => {
    expect((await convert('--conflicts', 'theirs', '--dry-run')).code).toBe(0);
    const run = await convert('--conflicts', 'ours');
    expect(run.code).toBe(0);
    expect(run.out).toContain('changed the same lines (yours was taken)');
    expect(read('shaping.toml')).toMatch(/connection_limit = 7\n[\s\S]*connection_limit = 40\n/);
    await expectStable();
    configure(['max-smtp-out 10', 'max-smtp-out 16'], ['max-smtp-out 30', 'max-smtp-out 40']);
    expect((await convert('--conflicts', 'ours', '--conflicts', 'shaping.toml=theirs')).code).toBe(0);
    expect(read('shaping.toml')).toMatch(/connection_limit = 16\n[\s\S]*connection_limit = 40\n/);
    await expectStable();
  });

  it('is marked in the file on request, and has to be resolved before the next conversion', async () => {
    const marked = await convert('--conflicts', 'mark');
    expect(marked.code).toBe(1);
    expect(marked.err).toContain('error[edit-conflict]');
    expect(read('shaping.toml')).toContain(
      [
        '<<<<<<< edited by hand',
        'connection_limit = 7',
        '||||||| generated before',
        'connection_limit = 10',
        '=======',
        'connection_limit = 15',
        '>>>>>>> generated now',
        '',
      ].join('\n'),
    );
    expect((await runCommand('check', tree)).code).toBe(1);
    for (const choice of ['fail', 'ours', 'theirs', 'mark']) {
      const { code, err } = await convert('--conflicts', choice);
      expect(code).toBe(1);
      expect(err).toContain('error[edit-unresolved]: shaping.toml still holds a conflict');
    }
    writeFileSync(
      join(tree, 'shaping.toml'),
      read('shaping.toml')
        .replace(/<{7}[\s\S]*\n={7}\n/, '')
        .replace(/>{7}.*\n/, '')
        .replace('limit = 15', 'limit = 12'),
    );
    await expectStable();
    expect(read('shaping.toml')).toContain('connection_limit = 12\n');
    expect((await runCommand('check', tree)).code).toBe(0);
  });

  it('is no conflict once both say the same', async () => {
    edit('shaping.toml', 'connection_limit = 7\n', 'connection_limit = 15\n');
    await expectStable();
    expect(read('shaping.toml')).toContain('connection_limit = 40\n');
  });

  it('is not looked for by --force, which leaves the edits in the backup', async () => {
    expect((await convert('--force')).code).toBe(0);
    expect(read('shaping.toml')).toContain('connection_limit = 15\n');
    expect(read('../out.bak/shaping.toml')).toContain('connection_limit = 7\n');
  });

  it('shows no passwords that somebody wrote into a file', async () => {
    edit('shaping.toml', 'connection_limit = 7\n', 'connection_limit = 7\nsmtp_auth_plain_password = "Geheim.66"\n');
    const said = [await convert(), await convert('--format', 'json')].map(({ out, err }) => out + err).join('');
    expect(said).toContain('smtp_auth_plain_password');
    expect(said).not.toContain('Geheim');
    chmodSync(join(tree, 'shaping.toml'), 0o600);
    const closed = [await convert(), await convert('--format', 'json')].map(({ out, err }) => out + err).join('');
    expect(closed).toContain('edit-conflict');
    expect(closed).not.toMatch(/Geheim|limit = 7/);
  });
});

describe('what cannot be merged', () => {
  const NEWS = ['max-smtp-out 30', 'max-smtp-out 40'] as const;

  it.each<[what: string, spoil: () => void]>([
    ['it is not text', () => writeFileSync(join(tree, 'shaping.toml'), 'a\0b')],
    ['it is not text', () => writeFileSync(join(tree, 'shaping.toml'), Uint8Array.of(0xff, 0xfe, 10))],
    [
      'it is no regular file',
      () => {
        renameSync(join(tree, 'shaping.toml'), join(folder, 'elsewhere.toml'));
        symlinkSync(join(folder, 'elsewhere.toml'), join(tree, 'shaping.toml'));
      },
    ],
    [
      'what was generated before',
      () => {
        edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
        rmSync(join(tree, '.pmta2kumo'), { recursive: true });
      },
    ],
    [
      'what was generated before',
      () => {
        edit('shaping.toml', 'connection_limit = 10\n', 'connection_limit = 7\n');
        edit('.pmta2kumo/base/shaping.toml', '10', '11');
      },
    ],
  ])('because %s is a conflict over the whole file', async (why, spoil) => {
    spoil();
    configure(NEWS);
    const before = readTree(folder);
    const { code, err } = await convert();
    expect(code).toBe(1);
    expect(err).toContain('error[edit-unmergeable]: shaping.toml was changed by hand');
    expect(err).toContain(why);
    expect(readTree(folder)).toEqual(before);
    const present = readFileSync(join(tree, 'shaping.toml'));
    expect(await changes(['shaping.toml'], '--conflicts', 'ours', '--keep-going')).toEqual({
      'shaping.toml': 'kept-edited',
    });
    expect(readFileSync(join(tree, 'shaping.toml'))).toEqual(present);
    expect((await convert('--force')).code).toBe(0);
    expect(read('shaping.toml')).toContain('connection_limit = 40\n');
  });

  it('is left alone while the conversion has nothing new', async () => {
    renameSync(join(tree, 'shaping.toml'), join(folder, 'elsewhere.toml'));
    symlinkSync('../elsewhere.toml', join(tree, 'shaping.toml'));
    configure(['10.0.0.1:25', '10.0.0.1:26']);
    expect(await changes(['shaping.toml'])).toEqual({ 'shaping.toml': 'kept-edited' });
    expect(readlinkSync(join(tree, 'shaping.toml'))).toBe('../elsewhere.toml');
    await expectStable();
  });

  it('is replaced on request, and the link is in the backup', async () => {
    renameSync(join(tree, 'shaping.toml'), join(folder, 'elsewhere.toml'));
    symlinkSync('../elsewhere.toml', join(tree, 'shaping.toml'));
    configure(NEWS);
    expect((await convert('--conflicts', 'theirs')).code).toBe(0);
    expect(lstatSync(join(tree, 'shaping.toml')).isFile()).toBe(true);
    expect(lstatSync(join(folder, 'out.bak/shaping.toml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'elsewhere.toml'), 'utf8')).toContain('connection_limit = 30\n');
  });
});

describe('a deleted file', () => {
  beforeEach(() => rmSync(join(tree, 'bounce_rules/10.toml')));

  it('stays deleted while the conversion has nothing new for it', async () => {
    edit('init.lua', 'kumo.configure_bounce_classifier', '-- kumo.configure_bounce_classifier');
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    const { code, err } = await convert('--keep-going');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(existsSync(join(tree, 'bounce_rules/10.toml'))).toBe(false);
  });

  it('is a conflict otherwise', async () => {
    configure(['/full/', '/over quota/']);
    const { code, err } = await convert();
    expect(code).toBe(1);
    expect(err).toContain('error[edit-deleted]: bounce_rules/10.toml was deleted by hand');
    expect(await changes(['bounce_rules/10.toml'], '--conflicts', 'theirs')).toEqual({
      'bounce_rules/10.toml': 'created',
    });
    expect(read('bounce_rules/10.toml')).toContain('over quota');
    await expectStable();
  });

  it('comes back with --force', async () => {
    expect((await convert('--force')).code).toBe(0);
    expect(existsSync(join(tree, 'bounce_rules/10.toml'))).toBe(true);
  });
});

describe('a file that is no longer generated', () => {
  const WITHOUT = ['<bounce-category-patterns>\n  /full/ quota-issues\n</bounce-category-patterns>\n', ''] as const;

  it('goes, when nobody touched it', async () => {
    configure(WITHOUT);
    expect(await changes(['bounce_rules/10.toml'])).toEqual({ 'bounce_rules/10.toml': 'removed' });
    expect(existsSync(join(tree, 'bounce_rules'))).toBe(false);
    expect(existsSync(join(folder, 'out.bak/bounce_rules/10.toml'))).toBe(true);
    await expectStable();
  });

  it('stays, when it was edited, and is foreign from then on', async () => {
    edit('bounce_rules/10.toml', 'full', 'very full');
    const edited = read('bounce_rules/10.toml');
    configure(WITHOUT);
    const run = await convert();
    expect(run.code).toBe(0);
    expect(run.out).toContain('bounce_rules/10.toml  kept, since it was edited; no longer generated\n');
    expect(read('bounce_rules/10.toml')).toBe(edited);
    expect(await changes(['bounce_rules/10.toml'])).toEqual({ 'bounce_rules/10.toml': 'kept-foreign' });
    await expectStable();
    configure();
    expect((await convert()).err).toContain('error[edit-collision]: bounce_rules/10.toml is not from pmta2kumo');
  });
});

describe('a foreign file', () => {
  it('comes along as it is, with its folder', async () => {
    mkdirSync(join(tree, 'own/empty'), { recursive: true });
    writeFileSync(join(tree, 'own/run.sh'), 'mine\n', { mode: 0o750 });
    symlinkSync('/etc/hostname', join(tree, 'link'));
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    const run = await convert();
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/ own\/run.sh +yours, not touched\n/);
    expect(read('own/run.sh')).toBe('mine\n');
    expect(lstatSync(join(tree, 'own/run.sh')).mode & 0o777).toBe(0o750);
    expect([existsSync(join(tree, 'own/empty')), readlinkSync(join(tree, 'link'))]).toEqual([true, '/etc/hostname']);
    await expectStable();
  });

  it.each<[what: string, put: () => void]>([
    ['a file', () => writeFileSync(join(tree, 'listener_domains.toml'), 'mine = 1\n')],
    ['a folder', () => mkdirSync(join(tree, 'listener_domains.toml/x'), { recursive: true })],
    ['a link', () => symlinkSync('sources.toml', join(tree, 'listener_domains.toml'))],
  ])('where the conversion needs the name is a conflict: %s', async (_, put) => {
    put();
    configure(['<domain a.test>', 'relay-domain r.test\n<domain a.test>']);
    const before = readTree(folder);
    const { code, err } = await convert();
    expect(code).toBe(1);
    expect(err).toContain('error[edit-collision]: listener_domains.toml is not from pmta2kumo');
    expect(readTree(folder)).toEqual(before);
    expect((await convert('--conflicts', 'theirs')).code).toBe(0);
    expect(read('listener_domains.toml')).toContain('r.test');
    expect(existsSync(join(folder, 'out.bak/listener_domains.toml'))).toBe(true);
    await expectStable();
  });

  it('that says the same as the conversion becomes its own', async () => {
    configure(['<domain a.test>', 'relay-domain r.test\n<domain a.test>']);
    await runCommand('convert', join(folder, 'config'), '-o', join(folder, 'other'));
    writeFileSync(join(tree, 'listener_domains.toml'), readFileSync(join(folder, 'other/listener_domains.toml')));
    await expectStable();
  });

  it('in place of a folder of the conversion is a conflict too', async () => {
    configure(['<bounce-category-patterns>\n  /full/ quota-issues\n</bounce-category-patterns>\n', '']);
    await convert();
    writeFileSync(join(tree, 'bounce_rules'), 'mine');
    configure();
    expect((await convert()).err).toContain('error[edit-collision]: bounce_rules/10.toml');
    const run = await convert('--conflicts', 'theirs');
    expect(run.code).toBe(0);
    expect(run.err).toContain('bounce_rules could not be carried over and is in');
    expect(readFileSync(join(folder, 'out.bak/bounce_rules'), 'utf8')).toBe('mine');
    await expectStable();
  });
});

describe('a merged tree', () => {
  /** Both have a block for the same domain, at different places of the file: as text that goes together. */
  function breakIt(): void {
    edit('shaping.toml', '# config:9\n["a.test"]', '["c.test"]\nconnection_limit = 3\n\n# config:9\n["a.test"]');
    configure(['<bounce-category', '<domain c.test>\n  max-smtp-out 4\n</domain>\n<bounce-category']);
  }

  it('that would not load any more is not written, although its text could be merged', async () => {
    breakIt();
    const before = readTree(folder);
    for (const flags of [[], ['--dry-run'], ['--conflicts', 'ours']]) {
      const { code, out, err } = await convert(...flags);
      expect(code).toBe(1);
      expect(out).toContain('the new tree would not load.\n');
      expect(err).toContain(
        'error[edit-breaks-tree]: with the hand edits in it the new tree would not load: shaping.toml',
      );
      expect(err).toContain(`${tree}/shaping.toml:`);
    }
    expect(documentOf(await convert('--format', 'json'))).toMatchObject({ status: 'does-not-load' });
    expect(readTree(folder)).toEqual(before);
  });

  it('that would not load is written with --keep-going, and the exit code stays 1', async () => {
    breakIt();
    const { code, out, err } = await convert('--keep-going');
    expect(code).toBe(1);
    expect(out).toContain('Written to');
    expect(err).toContain('error[edit-breaks-tree]');
    expect(read('shaping.toml').match(/c\.test/g)).toHaveLength(2);
    expect((await runCommand('check', tree)).code).toBe(1);
  });

  it('may have the errors that a person made before', async () => {
    edit('init.lua', "kumo.on('init', function()\n", "kumo.on('init', function()\n  kumo.set_nonsense(1)\n");
    configure(['max-smtp-out 30', 'max-smtp-out 40']);
    expect((await runCommand('check', tree)).code).toBe(1);
    expect(await convert()).toMatchObject({ code: 0, err: '' });
    expect(read('init.lua')).toContain('set_nonsense');
    await expectStable();
  });
});

describe('an option that is no choice', () => {
  it.each(['both', 'init.lua=both', '=ours', ''])('%j is told', async (choice) => {
    const { code, err } = await convert('--conflicts', choice);
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are fail, mark, ours, theirs, or PATH= and one of them.');
  });
});
