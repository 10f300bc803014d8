import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSource } from '../src/diagnostics/span';
import { linkLines } from '../src/report/html/line-links';
import { MOST_LINES } from '../src/report/html/report-data';
import { emittedLines, inputLines } from '../src/report/html/shown-lines';
import { migrationMarkdown } from '../src/report/migration-markdown';
import { jsonForScript, quoteHtml } from '../src/report/quote-html';
import { summarise } from '../src/report/summarise';
import { tasksOf } from '../src/report/tasks';
import { type Converted, convertPath, convertText, FIXTURES } from './support/converted';
import { VALUES } from './support/hostile-values';
import { dataOf, elementOf, htmlOf, migrationOf } from './support/html-report';

const ROOT = join(import.meta.dirname, '..');
const CASES = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'input')));
const HEAD = 'host-name mta.example.com\nsmtp-listener 0.0.0.0:25\n';

let stock: Converted;
let page = '';
beforeAll(async () => {
  stock = convertPath(join(FIXTURES, 'stock/input'));
  page = await htmlOf(stock, { compare: false });
});

describe('quoting for HTML', () => {
  it('leaves no markup and nothing invisible of any value', () => {
    for (const value of VALUES) {
      expect(quoteHtml(value)).not.toMatch(
        /[<>"'\0-\x1f\x7f-\x9f\u200b\u2028\u202e\ufeff]|&(?!(?:amp|lt|gt|quot|#39);)/u,
      );
      expect(jsonForScript([value])).not.toMatch(/[<>&\0-\x1f\x7f-\x9f\u200b\u2028\u202e\ufeff]/u);
      expect(JSON.parse(jsonForScript([value]))).toEqual([value]);
    }
  });

  it('writes what it was given', () => {
    expect(quoteHtml(`<a href="x" title='y'>&amp;`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;');
    expect(quoteHtml('\u001b[1m')).toBe('\\x1b[1m');
    expect(jsonForScript('</script><!--&\u2028')).toBe('"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028"');
  });

  it('is the only way of a text into the template', () => {
    for (const name of ['migration.html.hbs', 'places.html.hbs']) {
      const text = readFileSync(join(ROOT, 'templates/report', name), 'utf8');
      const others = [...text.matchAll(/\{\{(.*?)\}\}/g)]
        .map(([, inside]) => inside ?? '')
        .filter(
          (inside) => !/^(?:html [\w.]+|asset (?:style|script|data)|[#/](?:if|each)\b.*|else|> places)$/.test(inside),
        );
      expect(others).toEqual([]);
      // Attributes that hold a URL or code get a number or a word of ours.
      expect([...text.matchAll(/\b(?:href|src|style|on\w+)="([^"]*\{\{[^"]*)"/g)].map(([, value]) => value)).toEqual(
        name === 'places.html.hbs' ? ['#L{{html number}}'] : [],
      );
    }
  });
});

describe('migration.html', () => {
  it('has a policy that lets its own script and style run, and nothing else', () => {
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(elementOf(page, '<script>'))}`,
      `style-src ${hash(elementOf(page, '<style>'))}`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]);
    const markup = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
    expect(markup).not.toMatch(/<(?:script|style|link|img|iframe|object|base)\b|\s(?:on\w+|style|src)=|https?:/i);
  });

  it('is the same each time, and with other line ends', async () => {
    const again = convertPath(join(FIXTURES, 'stock/input'));
    expect((await htmlOf(again, { compare: false })) === page).toBe(true);
    expect((await htmlOf(again)) === (await htmlOf(stock))).toBe(true);
    const text = readFileSync(join(FIXTURES, 'stock/input/config'), 'utf8');
    expect((await htmlOf(convertText(`\ufeff${text.replaceAll('\n', '\r\n')}`), { compare: false })) === page).toBe(
      true,
    );
  });

  it.each(CASES)('tells each setting of the fixture %s once', async (name) => {
    const converted = convertPath(join(FIXTURES, name, 'input'), { allowOpenRelay: true });
    const summary = summarise(converted.conversion);
    const html = await htmlOf(converted);
    const data = dataOf(html);
    const counts = Object.fromEntries(data.outcomes.map((outcome) => [outcome, 0]));
    for (const { settings } of data.input) {
      settings.forEach((kind, at) => {
        const outcome = data.outcomes[data.kinds[kind]?.[1] ?? -1] ?? '';
        if (at % 2 === 1) counts[outcome] = (counts[outcome] ?? 0) + 1;
      });
    }
    expect(counts).toEqual(summary.counts);
    expect(html.match(/ data-task="/g)?.length ?? 0).toBe(tasksOf(migrationOf(converted)).length);
    expect(data.effective.limits).not.toContain('could not be run');
    expect(html).not.toContain(FIXTURES);
  });

  it('leads from a line to what it became, and back', () => {
    // bounce-after stands on line 30 of the configuration; queues.toml has max_age for it.
    const data = dataOf(page);
    const queues = data.emitted.find(({ path }) => path === 'queues.toml');
    const line = queues?.text.split('\n').findIndex((text) => text.startsWith('max_age')) ?? -1;
    expect(data.input[0]?.text.split('\n')[29]).toContain('bounce-after');
    expect(unpacked(queues?.links ?? []).get(line)).toEqual([29]);
    // always-allow-relaying on lines 9 and 16 gives relay_hosts of the listener, whose own line is 6.
    const init = data.emitted.find(({ path }) => path === 'init.lua');
    const at = (start: string) => init?.text.split('\n').findIndex((text) => text.trim().startsWith(start)) ?? -1;
    const links = unpacked(init?.links ?? []);
    expect(links.get(at('relay_hosts = '))).toEqual([8, 15]);
    expect(links.get(at('kumo.start_esmtp_listener'))).toEqual([5]);
  });

  it('shows what counts in PowerMTA, equal pairs once', async () => {
    const { effective } = dataOf(page);
    const [path] = effective.paths;
    expect([effective.vmtas, effective.domains, effective.pairs]).toEqual([
      ['{default}'],
      ['named-nowhere.example'],
      [[0]],
    ]);
    expect(path).toMatchObject({ compared: false, rows: [], after: [] });
    expect(path?.before).toContainEqual(['bounce-after', '4d12h', 'config:30']);
    expect(effective.limits).toBe(
      'Given --compare, convert also compares both sides here. pmta2kumo trace compares any pair, and pmta2kumo verify all of them.',
    );

    const vmtas = ['a', 'b'].map(
      (name, n) => `<virtual-mta ${name}>\nsmtp-source-host 192.0.2.${n} ${name}.example\n</virtual-mta>\n`,
    );
    const two = convertText(`${HEAD}${vmtas.join('')}<domain x.example>\nmax-smtp-out 3\n</domain>`);
    const pairs = dataOf(await htmlOf(two, { compare: false })).effective;
    expect(pairs.vmtas).toEqual(expect.arrayContaining(['a', 'b']));
    expect(new Set(pairs.pairs.map((row) => row.join()))).toEqual(new Set(['0,1']));
    expect(pairs.paths).toHaveLength(2);
  });

  it('compares both sides with --compare', async () => {
    const { limits, paths } = dataOf(await htmlOf(stock)).effective;
    // The configuration says max-smtp-out 20 for every domain on line 29.
    expect(paths[0]?.rows[0]).toEqual(['max-smtp-out', '20', '20', 'equal', 'config:29', '']);
    expect(paths[0]?.after).toContainEqual(['queue', 'max_age', '4d12h']);
    expect(limits).toBe('');
  });

  it('says plainly what it leaves out', async () => {
    const blocks = (count: number) =>
      Array.from({ length: count }, (_, n) => `<domain d${n}.example>\nmax-smtp-out ${n + 1}\n</domain>\n`).join('');
    const some = dataOf(await htmlOf(convertText(`${HEAD}${blocks(30)}`))).effective;
    expect(some.limits).toMatch(/^Only the 16 most common sets of settings are compared\. /);
    // Thirty blocks, and what no block names.
    expect(some.paths.map(({ compared }) => compared)).toEqual([...Array(16).fill(true), ...Array(15).fill(false)]);

    const many = dataOf(await htmlOf(convertText(`${HEAD}${blocks(60)}`), { compare: false })).effective;
    expect(many.limits).toMatch(/^Only 40 of 61 domains are here\. /);
    expect(many.domains).toHaveLength(40);
    expect(many.domains[0]).toBe('named-nowhere.example');
  });

  it('names tasks alike in every report, and otherwise when a line more has the same', () => {
    const ids = (text: string): readonly string[] =>
      tasksOf(migrationOf(convertText(`${HEAD}${text}`))).map(({ id }) => id);
    const once = ids('<acct-file /a.csv>\ndelete-after 8d\n</acct-file>\n');
    expect(once.length).toBeGreaterThan(0);
    expect(new Set(once).size).toBe(once.length);
    expect(ids('# one line further down\n<acct-file /a.csv>\ndelete-after 8d\n</acct-file>\n')).toEqual(once);
    expect(ids('<acct-file /a.csv>\ndelete-after 8d\n</acct-file>\npickup /x /y\n')).toEqual(
      expect.arrayContaining([...once]),
    );
  });

  it('shows no secret, also where only the directive tells that it is one', async () => {
    const secret = 'Planted.77';
    const text = `${HEAD}<smtp-user bob>\n  password ${secret}\n</smtp-user>\nhttp-api-key "${secret}"\n<domain r.test>\n  smtp-hosts [192.0.2.9]\n  auth-username me\n  auth-password ${secret}\n</domain>\nsmtp-server-tls-certificate /c.pem ${secret}\n# password ${secret}\npasword ${secret}\n`;
    const html = await htmlOf(convertText(text));
    expect(html).not.toContain(secret);
    const lines = dataOf(html).input[0]?.text.split('\n') ?? [];
    expect(lines[3]).toBe('  password ********');
    expect(dataOf(html).emitted.find(({ path }) => path === 'smtp_users.toml')).toMatchObject({ text: '', links: [] });
  });

  it('shows no secret where a comment repeats one', async () => {
    const text = `${HEAD}# bob has Planted.77, as (Planted.77) said: Planted.77.\n<smtp-user bob>\n  password Planted.77\n</smtp-user>\n# Planted.777 is another word\n`;
    const lines = dataOf(await htmlOf(convertText(text))).input[0]?.text.split('\n') ?? [];
    expect(lines[2]).toBe('# bob has ********, as (********) said: ********');
    expect(lines[6]).toBe('# Planted.777 is another word');
  });

  it('shows what cannot be seen', async () => {
    const [file] = dataOf(await htmlOf(convertText(`${HEAD}# a\u001b[31m\u202eb\0\tc\n`))).input;
    expect(file?.text.split('\n')[2]).toBe('# a\\x1b[31m\\u{202e}b\\x00\tc');
  });

  it('cuts what is too long for a page, and says so', async () => {
    const html = await htmlOf(convertText(`${HEAD}${'#\n'.repeat(MOST_LINES)}max-smtp-out-of-sight 1\n`));
    expect(dataOf(html).input[0]?.cut).toBe(3);
    expect(html).toContain('the last 3 lines of the configuration are not shown above');
    // The task list and the counts know it all the same.
    expect(html).toContain('max-smtp-out-of-sight');
  });

  it('is what it was for the stock sample (npm run test:update rewrites it)', () => {
    const golden = join(FIXTURES, 'stock/migration.html');
    const shown = page
      .replace(/content="default-src[^"]*"/, 'content="…"')
      .replace(/<style>[\s\S]*?<\/style>/, '<style>…</style>')
      .replace(/<script>[\s\S]*?<\/script>/, '<script>…</script>')
      .replace(elementOf(page, 'id="data">'), () => `\n${JSON.stringify(dataOf(page), null, 1)}\n`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, shown);
    expect(shown).toBe(readFileSync(golden, 'utf8'));
  });
});

describe('MIGRATION.md', () => {
  it('has the outcomes by file where there are several, and the same tasks', () => {
    const migration = migrationOf(convertText({ config: `${HEAD}include a|b\n`, 'a|b': 'pickup /x /y\nnope 1\n' }));
    const text = migrationMarkdown(migration);
    expect(text).toContain(
      '| file | settings | exact | approximate | implicit | manual | unsupported | unknown | invalid |',
    );
    expect(text).toContain('\n| `a\\|b` | 2 | 0 | 0 | 0 | 1 | 0 | 1 | 0 |\n');
    expect(text.match(/^- \[ \] /gm)).toHaveLength(tasksOf(migration).length);
    expect(migrationMarkdown(migrationOf(stock))).not.toContain('| file |');
  });
});

describe('lines as they are shown', () => {
  it('ends a long line, and hides what is secret beyond its end', () => {
    const { lines } = inputLines(createSource('config', `# ${'x'.repeat(5000)}\npassword "a\nb"\n`), 10, []);
    expect(lines).toEqual([`# ${'x'.repeat(998)} …`, 'password ********', '********']);
  });

  it('hides the stretches it is told to, over line ends too', () => {
    const source = createSource('config', 'one two\nthree four\nfive\n');
    expect(
      inputLines(source, 10, [
        { start: 4, end: 13 },
        { start: 19, end: 21 },
      ]).lines,
    ).toEqual(['one ********', '******** four', '********ve']);
  });

  it('counts what it leaves out', () => {
    expect(inputLines(createSource('config', 'a\nb\nc'), 2, [])).toEqual({ lines: ['a', 'b'], cut: 1 });
    expect(emittedLines('a\nb\nc\n', 2)).toEqual({ lines: ['a', 'b'], cut: 1 });
    expect(inputLines(createSource('config', ''), 2, []).cut).toBe(0);
  });
});

describe('links between lines', () => {
  const numberOf = (place: string): number | undefined => (/^c:\d$/.test(place) ? Number(place.slice(2)) : undefined);
  const link = (
    text: string,
    path = 'init.lua',
    origins: readonly { line: number; places: readonly string[] }[] = [],
  ) => linkLines({ path, content: text, mode: 0o644, origins }, text.split('\n'), numberOf);

  it('are those of the source map', () => {
    expect(link('a = 1\nb = 2', 'q.toml', [{ line: 2, places: ['c:3', 'elsewhere:1', 'c:4'] }])).toEqual([[], [3, 4]]);
  });

  it('are those of a comment of places, for the statement below it', () => {
    const lua = '-- c:1, c:2 + 3 more\ncall {\n  x = 1,\n}\nother()\n';
    expect(link(lua)).toEqual([[1, 2], [1, 2], [1, 2], [1, 2], [], []]);
    expect(link('  x = 1, -- c:5\n  y = 2,')).toEqual([[5], []]);
    expect(link('# c:1\n[a]\nb = 1', 'q.toml', [{ line: 2, places: ['c:2'] }])).toEqual([[1], [2], []]);
  });

  it('are not made of comments that say more', () => {
    expect(link('-- see c:1\nx()\n-- c:1, not:2\ny()')).toEqual([[], [], [], []]);
  });
});

/** Emitted line (from 0 in its file) → lines of the input. */
function unpacked(links: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  let [line, place] = [0, 0];
  for (let at = 0; at < links.length; ) {
    line += links[at] ?? 0;
    const count = links[at + 1] ?? 0;
    const places = links.slice(at + 2, at + 2 + count).map((step) => {
      place += step;
      return place;
    });
    found.set(line, places);
    at += 2 + count;
  }
  return found;
}

describe('colours', () => {
  const css = readFileSync(join(ROOT, 'templates/report/page.css'), 'utf8');
  const [light = '', dark = ''] = [...css.matchAll(/:root \{([\s\S]*?)\}/g)].map(([, body]) => body ?? '');
  const colours = (body: string) =>
    new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name = '', value = '']) => [name, value]));

  it.each([
    ['light', colours(light)],
    ['dark', colours(dark)],
  ])('can be read (WCAG AA) in %s', (_, palette) => {
    const texts = [
      'ink',
      'quiet',
      'link',
      'exact',
      'approximate',
      'implicit',
      'manual',
      'unsupported',
      'unknown',
      'invalid',
    ];
    const poor = texts.flatMap((text) =>
      ['paper', 'tint', 'active', 'partner'].flatMap((ground) => {
        const ratio = contrast(palette.get(text) ?? '', palette.get(ground) ?? '');
        return ratio < 4.5 ? [`${text} on ${ground}: ${ratio.toFixed(2)}`] : [];
      }),
    );
    expect(poor).toEqual([]);
    expect(contrast(palette.get('rule-strong') ?? '', palette.get('paper') ?? '')).toBeGreaterThan(3);
    expect(contrast(palette.get('ink') ?? '', palette.get('found') ?? '')).toBeGreaterThan(4.5);
  });
});

/** Contrast ratio of two colours (WCAG 2.2, 1.4.3). */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1);
  const [r = 0, g = 0, b = 0] = [0, 2, 4]
    .map((at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
