import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../src/diagnostics/diagnostic';
import { createSource, type Span } from '../src/diagnostics/span';
import type { Scope } from '../src/directives/row';
import type { EmittedFile } from '../src/emit/file';
import type { FileCopy, Rename } from '../src/kumo/model';
import type { ReleaseNeeds } from '../src/kumo/runtime/release-needs';
import type { FileChange } from '../src/merge/file-change';
import { createLedger, OUTCOMES } from '../src/pmta/ledger';
import { type ConvertReport, type ConvertStatus, convertJson, convertText } from '../src/report/convert-report';
import { migrationJson } from '../src/report/migration-json';
import { migrationMarkdown } from '../src/report/migration-markdown';
import { quoteCode, quoteText } from '../src/report/quote-markdown';
import { quoteShell, quoteTerminal } from '../src/report/quote-terminal';
import {
  groupLines,
  joinNotes,
  lineCount,
  type Migration,
  percent,
  type ReportInput,
  type Summary,
  summarise,
} from '../src/report/summarise';
import { inputOf, type Row } from './support/report-input';

const VMTA: readonly [Scope, string][] = [
  ['virtual-mta', 'a'],
  ['domain', 'gmail.com'],
];
const ROWS: readonly Row[] = [
  ['host-name', [], 'exact'],
  ['<virtual-mta>', [], 'exact'],
  ['max-smtp-out', VMTA, 'approximate', 'the pool is shared'],
  ['max-smtp-out', VMTA, 'approximate', 'the pool is shared'],
  ['run-as-root', [], 'manual', 'choose a user'],
  ['dkim-sign', VMTA, 'implicit', 'KumoMTA does so'],
  ['os-tuning', [], 'unsupported', 'there is nothing like it'],
  ['hots-name', [], 'unknown'],
];

describe('summary', () => {
  const summary = summarise(inputOf(ROWS));

  it('counts every setting once', () => {
    expect(summary.total).toBe(8);
    expect(summary.counts).toEqual({
      exact: 2,
      approximate: 2,
      implicit: 1,
      manual: 1,
      unsupported: 1,
      unknown: 1,
      invalid: 0,
    });
    expect(summary.inputFiles).toBe(1);
  });

  it('counts by area; a tag belongs to the area it opens', () => {
    expect(summary.areas.map(({ name, total }) => [name, total])).toEqual([
      ['server', 4],
      ['virtual MTAs and pools', 1],
      ['domains and queues', 3],
    ]);
    for (const outcome of OUTCOMES) {
      expect(summary.areas.reduce((sum, area) => sum + area.counts[outcome], 0)).toBe(summary.counts[outcome]);
    }
  });

  it('lists each with its place and scope', () => {
    expect(summary.lines[2]).toEqual({
      file: 'config',
      line: 3,
      column: 1,
      scope: 'virtual-mta a > domain gmail.com',
      scopeKind: 'domain',
      directive: 'max-smtp-out',
      outcome: 'approximate',
      by: 'test-pass',
      notes: ['the pool is shared'],
    });
    expect(summary.lines[0]?.scope).toBe('global');
    expect(summary.lines[7]?.notes).toEqual(['not a directive of PowerMTA']);
  });

  it('takes the note of the directive table when the pass has none', () => {
    const input = inputOf([['x', [], 'manual']]);
    const [setting] = input.config.settings;
    if (setting === undefined) throw new Error('one setting');
    const row = {
      name: 'x',
      scope: 'global',
      value: 'text',
      repeats: 'last',
      note: 'from the row',
      ref: '-',
      disposition: 'manual',
    } as const;
    const ledger = createLedger();
    ledger.settle({ ...setting, row }, 'manual', 'test-pass');
    expect(summarise({ ...input, ledger }).lines[0]?.notes).toEqual(['from the row']);
  });

  it('does not let a setting get lost', () => {
    const input = inputOf(ROWS);
    expect(() => summarise({ ...input, ledger: createLedger() })).toThrow('8 of 8 settings have no outcome');
  });

  it('masks what may be a secret in a name or a scope', () => {
    const input = inputOf([
      ['password=hunter2', [], 'unknown'],
      ['move-to', [['acct-file', '|prog --db-password=hunter2']], 'manual', 'n'],
    ]);
    const lines = summarise(input).lines;
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]?.directive).toBe('password=********');
  });

  it('groups what reads the same', () => {
    expect(groupLines(summary.lines).map(({ first, places }) => [first.directive, ...places])).toContainEqual([
      'max-smtp-out',
      'config:3',
      'config:4',
    ]);
    expect(groupLines(summary.lines)).toHaveLength(7);
  });

  it('joins sentences and phrases', () => {
    expect([joinNotes([]), joinNotes(['One.', 'Two.']), joinNotes(['one', 'two'])]).toEqual([
      '',
      'One. Two.',
      'one; two',
    ]);
  });

  it('knows shares and lines', () => {
    expect([percent(1, 8), percent(2, 3), percent(0, 0)]).toEqual(['12.5', '66.7', '0.0']);
    expect(['', 'a', 'a\n', 'a\nb', '\n'].map(lineCount)).toEqual([0, 1, 1, 2, 1]);
  });
});

const RENAMES: readonly Rename[] = [{ what: 'tenant', from: 'a|b', to: 'a-b', why: 'the name is reserved' }];

function diagnostic(severity: Diagnostic['severity'], message: string, span?: Span): Diagnostic {
  const common = { code: 'include-missing', severity, message, help: 'mend it', related: [] } as const;
  return span === undefined ? common : { ...common, span };
}

/** What the reports are given. */
function migrationOf(
  input: ReportInput,
  renames: readonly Rename[] = [],
  diagnostics: readonly Diagnostic[] = [],
): Migration {
  return { summary: summarise(input), renames, copies: [], systemFiles: [], diagnostics };
}

describe('MIGRATION.md', () => {
  const text = migrationMarkdown(
    migrationOf(inputOf(ROWS), RENAMES, [
      diagnostic('warning', 'who may relay?'),
      diagnostic('info', 'only so that you know'),
    ]),
  );

  it('starts with the counts', () => {
    expect(text).toContain('8 settings were read from 1 file.');
    expect(text).toContain('| exact | 2 | 25.0 % |');
    expect(text).toContain('| invalid | 0 | 0.0 % |');
    expect(text).toContain('| domains and queues | 3 | 0 | 2 | 1 | 0 | 0 | 0 | 0 |');
  });

  it('has the tasks as a check list', () => {
    expect(sectionOf('Tasks for a person')).toBe('- [ ] `config:5` `run-as-root`: choose a user');
  });

  it('says what was not converted, and where', () => {
    expect(sectionOf('Not converted')).toBe(
      [
        '### unsupported: KumoMTA has no counterpart',
        '',
        '- `config:7` `os-tuning`: there is nothing like it',
        '',
        '### unknown: not a PowerMTA directive',
        '',
        '- `config:8` `hots-name`: not a directive of PowerMTA',
      ].join('\n'),
    );
  });

  it('groups approximations by note', () => {
    expect(sectionOf('Converted nearly')).toBe('- the pool is shared\n  - `max-smtp-out`: `config:3`, `config:4`');
  });

  it('asks the warnings, and leaves out what is only told', () => {
    expect(sectionOf('Open questions')).toBe('- [ ] **warning**: who may relay? — mend it');
    expect(text).not.toContain('only so that you know');
  });

  it('lists exact ones, renames and implicit ones', () => {
    expect(sectionOf('Converted exactly')).toBe('`<virtual-mta>`, `host-name`');
    expect(sectionOf('Renamed')).toContain('| tenant | `a\\|b` | `a-b` | the name is reserved |  |');
    expect(sectionOf('KumoMTA does so anyway')).toBe('- KumoMTA does so\n  - `dkim-sign`: `config:6`');
  });

  it('lists the files to copy', () => {
    const copying = migrationMarkdown({ ...migrationOf(inputOf(ROWS)), copies: COPIES });
    expect(copying).toContain('## Files to copy\n\n- [ ] DKIM key: `/etc/pmta/k` to `/opt/k` (`config:1`)\n');
  });

  it('has no empty sections', () => {
    const bare = migrationMarkdown(migrationOf(inputOf([['host-name', [], 'exact']])));
    expect(bare.match(/^## .*/gm)).toEqual(['## Converted exactly']);
  });

  it('cuts long lists of places', () => {
    const rows = Array.from({ length: 25 }, (): Row => ['x', [], 'manual', 'n']);
    expect(migrationMarkdown(migrationOf(inputOf(rows)))).toContain('`config:20` and 5 more `x`: n');
  });

  it('turns hostile names into text', () => {
    const names = ['`x`', 'a|b', '<script>', '[x](javascript:1)', 'a\nb', '# h'];
    const rows = names.map((name): Row => [name, [['virtual-mta', name]], 'manual', name]);
    const hostile = migrationMarkdown({
      summary: summarise(inputOf(rows, '<img src=x>`|`')),
      renames: names.map((from) => ({ what: 'pool', from, to: from, why: from })),
      copies: names.map((from) => ({ what: 'DKIM key', from, to: from, origins: [] })),
      systemFiles: names.map((path) => ({ path, content: `${path}\n\`\`\`\n# h`, origins: [] })),
      diagnostics: names.map((name) => diagnostic('error', name)),
    });
    const bare = hostile.replace(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, 'CODE');
    expect(bare).not.toMatch(/<(?:script|img)|(?<!\\)\[x|^ *# h/m);
    expect(hostile.match(/^# .*/gm)).toEqual(['# From PowerMTA to KumoMTA']);
    const rowsOfTable = hostile.match(/^\| pool .*$/gm) ?? [];
    expect(rowsOfTable).toHaveLength(names.length);
    for (const row of rowsOfTable) expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  });

  function sectionOf(title: string): string {
    return (text.split(`## ${title}\n\n`)[1]?.split('\n\n## ')[0] ?? '').trimEnd();
  }
});

describe('quoting for Markdown', () => {
  it.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`x`', '`` `x` ``'],
    ['a``b`c', '```a``b`c```'],
    [' x ', '`  x  `'],
    ['', '*(empty)*'],
    ['  ', '*(blank)*'],
    ['a\nb\u001b[m', '`a\\nb\\x1b[m`'],
    ['<script>', '`<script>`'],
  ])('code %j', (text, quoted) => {
    expect(quoteCode(text)).toBe(quoted);
  });

  it('escapes the bars of tables', () => {
    expect(quoteCode('a|b', 'table')).toBe('`a\\|b`');
    expect(quoteCode('a|b')).toBe('`a|b`');
  });

  it.each([
    ['max_smtp_out stays', 'max_smtp_out stays'],
    ['_x_ *y* `z`', '\\_x\\_ \\*y\\* \\`z\\`'],
    ['[x](javascript:1)', '\\[x\\](javascript:1)'],
    ['<script>&amp;', '&lt;script&gt;&amp;amp;'],
    ['a|b\\', 'a\\|b\\\\'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1&#8203;. item'],
    ['a\nb', 'a\\\\nb'],
    ['see https://x', 'see https:&#8203;//x'],
    ['@octocat #12', '@&#8203;octocat #&#8203;12'],
  ])('text %j', (text, quoted) => {
    expect(quoteText(text)).toBe(quoted);
  });
});

describe('quoting for the terminal', () => {
  it('shows control characters', () => {
    expect(quoteTerminal('a\u001b]0;x\u0007\nb')).toBe('a\\x1b]0;x\\x07\\nb');
  });

  it('writes words that a shell reads back', () => {
    expect(quoteShell('/opt/kumomta/etc/policy')).toBe('/opt/kumomta/etc/policy');
    expect(quoteShell("/a b/$x/it's")).toBe("'/a b/$x/it'\\''s'");
    expect(quoteShell('')).toBe("''");
  });
});

const SPAN: Span = { source: createSource('config', 'host-name x'), start: 0, end: 9 };
const COPIES: readonly FileCopy[] = [{ what: 'DKIM key', from: '/etc/pmta/k', to: '/opt/k', origins: [SPAN] }];
const FILES: readonly EmittedFile[] = [
  { path: 'init.lua', content: 'a\nb\n', mode: 0o644, origins: [] },
  { path: 'smtp_users.toml', content: 's3cret\n', mode: 0o600, origins: [] },
];

function reportOf(status: ConvertStatus, summary: Summary = summarise(inputOf(ROWS))): ConvertReport {
  const diagnostics = [diagnostic('error', 'it is wrong', SPAN)];
  return {
    summary,
    files: FILES,
    status,
    renames: RENAMES,
    copies: COPIES,
    systemFiles: [],
    diagnostics,
    installDir: '/opt/kumomta/etc/policy',
  };
}

describe('the release of KumoMTA that the tree needs', () => {
  const release: ReleaseNeeds = {
    lowest: '2025.10.06',
    features: [
      { what: 'a port in mx_list', since: '2025.10.06', where: 'queues.toml:3', more: 2 },
      { what: 'max_burst in a rate', since: '2025.01.29', where: 'shaping.toml:7', more: 0 },
    ],
  };
  const oldest: ReleaseNeeds = { lowest: '2024.11.08', features: [] };

  it('is one line of the summary, with what asks for it', () => {
    const line = 'The tree needs KumoMTA 2025.10.06 or newer, for a port in mx_list (queues.toml:3) and 1 more.';
    expect(convertText({ ...reportOf({ kind: 'dry-run' }), release })).toContain(`\n\n${line}\n`);
    expect(convertText({ ...reportOf({ kind: 'dry-run' }), release: oldest })).toContain(
      '\n\nThe tree works with KumoMTA 2024.11.08 or newer.\n',
    );
    const none = convertText({ ...reportOf({ kind: 'failing-diagnostics' }), release });
    expect(none).not.toContain('The tree');
  });

  it('is a table of MIGRATION.md', () => {
    const text = migrationMarkdown({ ...migrationOf(inputOf(ROWS)), release });
    expect(text).toContain('## KumoMTA release\n\nThe tree needs KumoMTA 2025.10.06 or newer;');
    expect(text).toContain('\n| 2025.10.06 | a port in mx_list | `queues.toml:3` and 2 more |\n');
    expect(text).toContain('\n| 2025.01.29 | max_burst in a rate | `shaping.toml:7` |\n');
  });

  it('is in both JSON documents', () => {
    const migration: unknown = JSON.parse(migrationJson({ ...migrationOf(inputOf(ROWS)), release }));
    const convert: unknown = JSON.parse(convertJson({ ...reportOf({ kind: 'dry-run' }), release }));
    expect(migration).toMatchObject({ release });
    expect(convert).toMatchObject({ release });
  });
});

describe('migration.json', () => {
  it('has every setting, on a line of its own, without values', () => {
    const text = migrationJson(migrationOf(inputOf(ROWS), RENAMES, [diagnostic('error', 'x', SPAN)]));
    const document: unknown = JSON.parse(text);
    expect(Object.keys(Object(document))).toEqual([
      'schema',
      'total',
      'counts',
      'areas',
      'settings',
      'diagnostics',
      'renames',
      'copies',
      'systemFiles',
    ]);
    expect(document).toMatchObject({
      schema: 'pmta2kumo.migration/1',
      total: 8,
      counts: { exact: 2, invalid: 0 },
      diagnostics: [{ code: 'include-missing', file: 'config', line: 1, column: 1, endLine: 1, endColumn: 10 }],
      renames: [{ what: 'tenant', from: 'a|b', to: 'a-b', why: 'the name is reserved' }],
    });
    expect(text).toContain(
      '\n    {"file":"config","line":5,"column":1,"scope":"global","directive":"run-as-root","outcome":"manual","by":"test-pass","notes":["choose a user"]},\n',
    );
    expect(text).not.toContain('v4lue');
  });
});

function change(path: string, what: FileChange['change']): FileChange {
  return { path, change: what, secret: false };
}

const CHANGES = [
  change('init.lua', 'replaced'),
  change('own.lua', 'kept-foreign'),
  change('smtp_users.toml', 'unchanged'),
];

describe('the summary of convert', () => {
  it('has outcomes, files, tasks and what to do next', () => {
    const text = convertText(
      reportOf({ kind: 'written', directory: '/tmp/out', backup: '/tmp/out.bak', changes: CHANGES }),
    );
    expect(text).toBe(
      [
        '8 settings in 1 file',
        '  exact        2   25.0 %  does the same in KumoMTA',
        '  approximate  2   25.0 %  nearly the same; MIGRATION.md names the difference',
        '  implicit     1   12.5 %  KumoMTA does so anyway, nothing was written',
        '  manual       1   12.5 %  there is a way, and a person has to choose it',
        '  unsupported  1   12.5 %  KumoMTA has no counterpart',
        '  unknown      1   12.5 %  not a PowerMTA directive',
        '  invalid      0    0.0 %  the value or the place is wrong',
        '',
        'Written to /tmp/out:',
        '  init.lua         2 lines, replaced',
        '  smtp_users.toml  1 line, secret (mode 0600)',
        '  own.lua          yours, not touched',
        'The old tree is in /tmp/out.bak.',
        '',
        '1 setting needs a person; the check list is in MIGRATION.md:',
        '  config:5 run-as-root: choose a user',
        '',
        'Next:',
        '  1. open /tmp/out/migration.html in a browser, or read /tmp/out/MIGRATION.md',
        '  2. copy the tree to /opt/kumomta/etc/policy, owned so that the user kumod can read it, its 0600 files too',
        '  3. copy 1 key or certificate to where MIGRATION.md says',
        '  4. run: sudo -u kumod /opt/kumomta/sbin/kumod --validate --policy /opt/kumomta/etc/policy/init.lua',
        '',
      ].join('\n'),
    );
  });

  it('says plainly that nothing was written, and why', () => {
    expect(convertText(reportOf({ kind: 'failing-diagnostics' }))).toContain(
      '\nNothing was written: 1 error. Mend them, or write the tree nevertheless with --keep-going.\n',
    );
    expect(convertText(reportOf({ kind: 'refused', directory: '/o', reason: 'it is full' }))).toContain(
      '\nNothing was written: /o: it is full.\n',
    );
    const dry = convertText(reportOf({ kind: 'dry-run' }));
    expect(dry).toContain('\nNothing was written (dry run). It would be:\n  init.lua ');
    expect(dry).not.toContain('Next:');
  });

  it('quotes what came from the input', () => {
    const summary = summarise(inputOf([['x\u001b[2J', [], 'manual', 'note \u001b[31m']], 'conf\u001b]0;y\u0007'));
    const text = convertText(
      reportOf({ kind: 'written', directory: '/o\u001b[m', changes: [change('k\u001b[m', 'kept-foreign')] }, summary),
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text).toContain('x\\x1b[2J: note \\x1b[31m');
  });

  it('shows a few tasks of many', () => {
    const rows = Array.from({ length: 14 }, (_, i): Row => [`d${i % 7}`, [], 'manual', 'n']);
    const text = convertText(reportOf({ kind: 'dry-run' }, summarise(inputOf(rows))));
    expect(text).toContain('14 settings need a person');
    expect(text).toContain('  config:1 (and 1 more) d0: n\n');
    expect(text).toContain('  … and 2 more kinds\n');
  });

  it('is the same as JSON', () => {
    const document: unknown = JSON.parse(
      convertJson(reportOf({ kind: 'written', directory: '/tmp/out', changes: CHANGES })),
    );
    expect(Object.keys(Object(document))).toEqual([
      'schema',
      'status',
      'directory',
      'kept',
      'total',
      'counts',
      'areas',
      'files',
      'changes',
      'manual',
      'renames',
      'copies',
      'systemFiles',
      'diagnostics',
      'next',
    ]);
    expect(document).toMatchObject({
      schema: 'pmta2kumo.convert/1',
      status: 'written',
      files: [
        { path: 'init.lua', lines: 2, mode: '0644' },
        { path: 'smtp_users.toml', lines: 1, mode: '0600' },
      ],
      manual: [{ file: 'config', line: 5, directive: 'run-as-root' }],
    });
  });
});
