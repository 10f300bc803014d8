import { describe, expect, it } from 'vitest';
import { catalogue } from '../src/diagnostics/catalogue';
import type { Diagnostic, RelatedPlace } from '../src/diagnostics/diagnostic';
import { hideSecrets } from '../src/diagnostics/hide-secrets';
import { diagnosticsToJson } from '../src/diagnostics/json';
import { countDiagnostics, renderDiagnostics } from '../src/diagnostics/render';
import { MASK, maskSecrets } from '../src/diagnostics/secrets';
import { createSource, type Span } from '../src/diagnostics/span';
import { displayWidth, visibleText } from '../src/diagnostics/visible';

const plain = { color: false, width: 80 };

function spanOf(text: string, part: string, path = 'config'): Span {
  const start = text.indexOf(part);
  if (start < 0) throw new Error(`no ${part} in the text`);
  return { source: createSource(path, text), start, end: start + part.length };
}

function diagnosticAt(
  span: Span | undefined,
  message = 'it is wrong',
  related: readonly RelatedPlace[] = [],
): Diagnostic {
  const common = { code: 'include-missing', severity: 'error', message, help: 'mend it', related } as const;
  return span === undefined ? common : { ...common, span };
}

describe('catalogue', () => {
  const rows = Object.entries(catalogue);

  it('is sorted by code', () => {
    const codes = rows.map(([code]) => code);
    expect(codes).toEqual([...codes].sort());
  });

  it.each(rows)('%s is a kebab-case code with one sentence and a way out', (code, row) => {
    expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(row.message).not.toBe('');
    expect(row.message).not.toMatch(/\.$|\. [A-Z]|\n/);
    expect(row.help.trim()).not.toBe('');
    expect(row.help).not.toMatch(/\n/);
  });
});

describe('code frame', () => {
  it('marks exactly the span', () => {
    const text = 'host-name x\n  include no/such  # c\n';
    expect(renderDiagnostics([diagnosticAt(spanOf(text, 'no/such'))], plain)).toBe(
      [
        'error[include-missing]: it is wrong',
        ' --> config:2:11',
        '  |',
        '2 |   include no/such  # c',
        '  |           ^^^^^^^',
        '  = help: mend it',
        '',
        '',
      ].join('\n'),
    );
  });

  it('shows a message without a place', () => {
    expect(renderDiagnostics([diagnosticAt(undefined)], plain)).toBe(
      'error[include-missing]: it is wrong\n  = help: mend it\n\n',
    );
  });

  it('names related places, the gutter as wide as the longest line number', () => {
    const text = `${'\n'.repeat(99)}twice\n`;
    const related = [{ span: spanOf('once\n', 'once', 'other'), message: 'first here' }];
    const lines = renderDiagnostics([diagnosticAt(spanOf(text, 'twice'), 'x', related)], plain).split('\n');
    expect(lines).toEqual([
      'error[include-missing]: x',
      '   --> config:100:1',
      '    |',
      '100 | twice',
      '    | ^^^^^',
      '   ::: other:1:1',
      '    |',
      '  1 | once',
      '    | ---- first here',
      '    = help: mend it',
      '',
      '',
    ]);
  });

  function marked(text: string, part: string, width = 80): { readonly line: string; readonly mark: string } {
    const lines = renderDiagnostics([diagnosticAt(spanOf(text, part))], { color: false, width }).split('\n');
    return { line: (lines[3] ?? '').slice(4), mark: (lines[4] ?? '').slice(4) };
  }

  it('aligns after tabs and wide characters', () => {
    expect(marked('\tab\tcd', 'cd')).toEqual({ line: '    ab  cd', mark: '        ^^' });
    expect(marked('名前 cd', 'cd')).toEqual({ line: '名前 cd', mark: '     ^^' });
    expect(marked('e\u0301 cd', 'cd')).toEqual({ line: 'e\u0301 cd', mark: '  ^^' });
    expect(marked('x 名前', '名前')).toEqual({ line: 'x 名前', mark: '  ^^^^' });
  });

  it('makes control characters visible and still aligns', () => {
    expect(marked('a\u001b[31mb cd', 'cd')).toEqual({ line: 'a\\x1b[31mb cd', mark: '           ^^' });
    expect(marked('a\u202eb cd', 'cd')).toEqual({ line: 'a\\u{202e}b cd', mark: '           ^^' });
  });

  it('says nothing of the byte order mark and of line ends', () => {
    expect(marked('\ufeffab cd\r\n', 'cd')).toEqual({ line: 'ab cd', mark: '   ^^' });
    expect(marked('ab cd\rnext', 'cd')).toEqual({ line: 'ab cd', mark: '   ^^' });
  });

  it('marks one column for an empty span, also at the end of the text', () => {
    const source = createSource('config', 'ab');
    const lines = renderDiagnostics([diagnosticAt({ source, start: 2, end: 2 })], plain).split('\n');
    expect(lines[4]).toBe('  |   ^');
  });

  it('marks a span of several lines to the end of its first', () => {
    expect(marked('a (b\n c)\n', '(b\n c)')).toEqual({ line: 'a (b', mark: '  ^^' });
  });

  it('windows a long line to the width', () => {
    const { line, mark } = marked(`${'a'.repeat(300)} HERE ${'b'.repeat(300)}`, 'HERE', 60);
    expect(line.startsWith('… a')).toBe(true);
    expect(line.endsWith('b …')).toBe(true);
    expect(line.length).toBeLessThanOrEqual(56);
    expect(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('HERE');
  });

  it('is quick on a line of megabytes', () => {
    const text = `${'-'.repeat(2_000_000)}HERE${'-'.repeat(2_000_000)}`;
    const before = performance.now();
    const { line, mark } = marked(text, 'HERE');
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('HERE');
  });

  it('wraps messages and help on a terminal, and leaves them whole elsewhere', () => {
    const long = 'word '.repeat(30).trim();
    const one: Diagnostic = { ...diagnosticAt(spanOf('ab cd', 'cd'), long), help: long };
    const wrapped = renderDiagnostics([one], { color: false, width: 40, isWrapped: true }).split('\n');
    expect(wrapped.filter((line) => displayWidth(line) > 40)).toEqual([]);
    expect(wrapped[1]).toMatch(/^ {2}word/);
    expect(wrapped.find((line) => line.includes('help:'))).toMatch(/^ {2}= help: word/);
    expect(wrapped.at(-3)).toMatch(/^ {10}word/);
    expect(renderDiagnostics([one], { color: false, width: 40 })).toContain(`: ${long}\n`);
  });

  it('aligns emoji and full-width letters, also in a window', () => {
    expect(marked('📮 cd', 'cd')).toEqual({ line: '📮 cd', mark: '   ^^' });
    expect(marked('ｆｕ cd', 'cd')).toEqual({ line: 'ｆｕ cd', mark: '     ^^' });
    const { line, mark } = marked(`${'名'.repeat(100)} HERE`, 'HERE', 40);
    expect(displayWidth(line.slice(0, line.indexOf('HERE')))).toBe(mark.indexOf('^'));
  });

  it('colours only when asked to, and then shows the same', () => {
    const list = [diagnosticAt(spanOf('ab cd', 'cd'))];
    const colored = renderDiagnostics(list, { color: true, width: 80 });
    expect(colored).toContain('\u001b[');
    expect(colored.replace(/\u001b\[[0-9;]*m/g, '')).toBe(renderDiagnostics(list, plain));
  });

  it('escapes hostile messages and file names', () => {
    const text = renderDiagnostics([diagnosticAt(spanOf('ab', 'ab', 'x\u001b]0;t\u0007'), 'bad \u001b[2J\nx')], plain);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(text).toContain('bad \\x1b[2J\\nx');
  });
});

describe('groups and order', () => {
  const text = 'l1\nl2\nl3\nl4\nl5\nl6\nl7\nl8\nl9\n';
  const at = (line: number, message: string): Diagnostic => diagnosticAt(spanOf(text, `l${line}`), message);

  it('shows three alike in full and names the rest', () => {
    const out = renderDiagnostics(
      [1, 2, 3, 4, 5].map((n) => at(n, 'same')),
      plain,
    );
    expect(out.match(/^error\[/gm)).toHaveLength(3);
    expect(out).toContain('… and 2 more like it (config:4, config:5)\n');
  });

  it('cuts the list of places', () => {
    const out = renderDiagnostics(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => at(n, 'same')),
      plain,
    );
    expect(out).toContain('… and 6 more like it (config:4, config:5, config:6, config:7, config:8, …)');
  });

  it('does not let one code bury the others', () => {
    const note = (n: number): Diagnostic => ({ ...at((n % 9) + 1, `note ${n}`), severity: 'info' });
    const notes = Array.from({ length: 12 }, (_, n) => note(n));
    const out = renderDiagnostics([...notes, { ...at(9, 'other'), code: 'open-relay' }], plain);
    expect(out.match(/^info\[include-missing\]/gm)).toHaveLength(5);
    expect(out).toContain('… and 7 more info[include-missing] (');
    expect(out).toContain('error[open-relay]: other');
  });

  it('cuts the list of related places', () => {
    const related = Array.from({ length: 7 }, () => ({ span: spanOf(text, 'l2'), message: 'here' }));
    const out = renderDiagnostics([diagnosticAt(spanOf(text, 'l1'), 'x', related)], plain);
    expect(out.match(/here$/gm)).toHaveLength(5);
    expect(out).toContain('  … and 2 more places\n');
  });

  it('leaves three alike and different messages apart', () => {
    const out = renderDiagnostics([at(1, 'same'), at(3, 'same'), at(5, 'same'), at(2, 'other')], plain);
    expect(out).not.toContain('more like it');
    expect(out.match(/l\d$/gm)).toEqual(['l1', 'l2', 'l3', 'l5']);
  });

  it('shows each one when all are asked for', () => {
    const list = [1, 2, 3, 4, 5, 6].map((n) => at(n, 'same'));
    const out = renderDiagnostics(list, { ...plain, all: true });
    expect(out.match(/^error\[/gm)).toHaveLength(6);
    expect(out).not.toContain('more');
  });

  it('counts by severity', () => {
    const warning: Diagnostic = { ...at(1, 'x'), severity: 'warning' };
    expect(countDiagnostics([at(1, 'x'), at(2, 'x'), warning])).toBe('2 errors, 1 warning');
    expect(countDiagnostics([])).toBe('');
  });
});

describe('secrets', () => {
  it.each([
    ['password hunter2', `password ${MASK}`],
    ['\t  password "hunter 2"  # comment', `\t  password ${MASK}`],
    ['PASSWORD\thunter2', `PASSWORD\t${MASK}`],
    ['auth-password a#b', `auth-password ${MASK}`],
    ['api-key 0123456789abcdef', `api-key ${MASK}`],
    ['http-api-key 0123456789abcdef', `http-api-key ${MASK}`],
    ['imprinter-password x', `imprinter-password ${MASK}`],
    ['smtp-auth-password misspelt', `smtp-auth-password ${MASK}`],
    ['password=hunter2', `password=${MASK}`],
    ['password"hunter2"', `password${MASK}`],
    ['# password hunter2', `# password ${MASK}`],
    ['\ufeffpassword hunter2', `\ufeffpassword ${MASK}`],
    ['smtp-server-tls-certificate /etc/pmta/a.pem pass phrase', `smtp-server-tls-certificate /etc/pmta/a.pem ${MASK}`],
    ['smtp-client-certificate "/a b.pem" pp', `smtp-client-certificate "/a b.pem" ${MASK}`],
    ['tls-certificate /a.pem "pp"', `tls-certificate /a.pem ${MASK}`],
    ['privacy-policy siphash "key"', `privacy-policy siphash ${MASK}`],
    ['command "/bin/x --db-password=abc -v"', `command "/bin/x --db-password=${MASK} -v"`],
    ['include https://me:abc@host/x', `include https://me:${MASK}@host/x`],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line)).toBe(masked);
  });

  it.each([
    'authentication-method password',
    'password',
    'tls-certificate /a.pem',
    'tls-certificate /a.pem   # the new one',
    'privacy-policy retain',
    'include https://host:8080/x',
    '# Secure the service with username, password and TLS',
    'default-token-class 1',
    'max-smtp-out 20',
  ])('nothing to hide in: %s', (line) => {
    expect(maskSecrets(line)).toBe(line);
  });

  it.each(['password', '-', 'password ', ' ', 'x-password=', '"\\', 'http://a:'])('is quick on %j repeated', (unit) => {
    const before = performance.now();
    maskSecrets(unit.repeat(200_000));
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('never shows one in a frame, whatever the span points at', () => {
    const text = 'user x\n  password hunter2 hunter3\n';
    for (const part of ['password', 'hunter2', 'hunter3', 'password hunter2 hunter3']) {
      const out = renderDiagnostics([diagnosticAt(spanOf(text, part))], plain);
      expect(out).toContain(`2 |   password ${MASK}\n`);
      expect(out).not.toContain('hunter');
    }
    const lines = renderDiagnostics([diagnosticAt(spanOf(text, 'hunter3'))], plain).split('\n');
    expect(lines[4]).toBe(`  |            ${'^'.repeat(MASK.length)}`);
  });

  it('never shows one in a windowed frame', () => {
    for (const pad of [50, 500, 5_000, 50_000]) {
      const text = `password ${'z'.repeat(pad)}HERE${'z'.repeat(pad)}`;
      expect(renderDiagnostics([diagnosticAt(spanOf(text, 'HERE'))], { color: false, width: 40 })).not.toMatch(
        /HERE|zz/,
      );
    }
  });
});

describe('a secret and the name in front of it', () => {
  it('may be the same word: the name is told', () => {
    const span = spanOf('password ## YOUR PASSWORD HERE ##', 'password');
    expect(hideSecrets('password', span)).toBe('password');
    expect(hideSecrets('YOUR PASSWORD', span)).not.toContain('PASSWORD');
  });
});

describe('visible text', () => {
  it('escapes what moves, colours, reorders or hides', () => {
    expect(visibleText('a\tb\r\nc\u001b[m\u0085\u200b\u00a0\u2028\ud800')).toBe(
      'a\\tb\\r\\nc\\x1b[m\\x85\\u{200b}\\xa0\\u{2028}\\u{d800}',
    );
    expect(visibleText('plain é 名 😀')).toBe('plain é 名 😀');
  });

  it('knows the width of what it shows', () => {
    expect(['abc', '名前', 'é', 'e\u0301', '😀', 'ﾊ'].map(displayWidth)).toEqual([3, 4, 1, 1, 2, 1]);
  });
});

describe('JSON', () => {
  it('has the keys in order and both ends of the span', () => {
    const found = diagnosticsToJson([diagnosticAt(spanOf('ab\ncd\nef', 'b\ncd'))]);
    expect(JSON.stringify(found)).toBe(
      '[{"code":"include-missing","severity":"error","message":"it is wrong","help":"mend it",' +
        '"file":"config","line":1,"column":2,"endLine":2,"endColumn":3}]',
    );
  });

  it('names related places', () => {
    const related = [{ span: spanOf('once\n', 'once', 'other'), message: 'first here' }];
    expect(diagnosticsToJson([diagnosticAt(spanOf('ab', 'ab'), 'x', related)])[0]?.related).toEqual([
      { message: 'first here', file: 'other', line: 1, column: 1, endLine: 1, endColumn: 5 },
    ]);
  });

  it('has no place when there is none', () => {
    expect(diagnosticsToJson([diagnosticAt(undefined)])[0]).toEqual({
      code: 'include-missing',
      severity: 'error',
      message: 'it is wrong',
      help: 'mend it',
    });
  });
});
