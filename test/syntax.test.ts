import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDiagnostics } from '../src/diagnostics/diagnostic';
import { createSource, textOf } from '../src/diagnostics/span';
import { parseFile } from '../src/syntax/parse';
import { printFile } from '../src/syntax/print';
import { describeCorpus } from './support/corpus';
import { parseText } from './support/outline';

/** Parses and expects the outline and, unless told, no diagnostics. */
function expectTree(text: string, outline: readonly string[], found: readonly string[] = []): void {
  const parsed = parseText(text);
  expect(parsed.outline).toEqual(outline);
  expect(parsed.found).toEqual(found);
  expect(printFile(parsed.node)).toBe(text);
}

describe('lines', () => {
  test('a name, blanks and a value; blanks around them mean nothing', () => {
    expectTree('  postmaster \t ops@mail.example  \nlog-rotate 5', ['postmaster = ops@mail.example', 'log-rotate = 5']);
  });

  test('a name may stand alone, and keeps its case', () => {
    expectTree('Pickup\nx-y  \n', ['Pickup = ', 'x-y = ']);
  });

  test('inner blanks of a value stay', () => {
    expectTree('domain-key s1,  d.test,\t/k.pem', ['domain-key = s1,  d.test,\t/k.pem']);
  });

  test('a line that begins with a regex is a value without a name', () => {
    expectTree('/no such user/ bad-mailbox\n// other', [' = /no such user/ bad-mailbox', ' = // other']);
  });

  test('a star is a name', () => {
    expectTree('* virtual-mta=v2', ['* = virtual-mta=v2']);
  });

  test.each(['\r\n', '\r', '\n'])('lines end in %j', (end) => {
    expectTree(['<domain x>', ' a 1', '', 'b 2 # c', '</domain>'].join(end), [
      '<domain x>',
      '  a = 1',
      '  b = 2',
      '  # c',
      '</>',
    ]);
  });

  test('a byte order mark, vertical tabs and form feeds are blanks', () => {
    expectTree('\uFEFFa\v1\f\n\fb 2', ['a = 1', 'b = 2']);
  });

  test('control characters are kept and named once', () => {
    expectTree('a 1\nb \0x\x07\n', ['a = 1', 'b = \0x\x07'], ['control-character 2:3']);
  });

  test('spans cover name and value', () => {
    const [, item] = parseText('  reply /a b/ skip-mx # why').node.items;
    if (item?.kind !== 'directive') throw new Error('no directive');
    expect([textOf(item.nameSpan), textOf(item.valueSpan), textOf(item.span)]).toEqual([
      'reply',
      '/a b/ skip-mx',
      'reply /a b/ skip-mx',
    ]);
  });

  test('an empty value has an empty span behind the name', () => {
    const [item] = parseText('pickup  # nothing').node.items;
    if (item?.kind !== 'directive') throw new Error('no directive');
    expect([item.valueSpan.start, item.valueSpan.end, item.span.end]).toEqual([6, 6, 6]);
  });

  test('an empty file has no items', () => {
    expect(parseText('').node.items).toEqual([]);
  });
});

describe('comments', () => {
  test('begin at # anywhere, tight after a value or name too', () => {
    expectTree('a 4000#tight\n#a 10\nb#x\n', ['a = 4000', '#tight', '#a 10', 'b = ', '#x']);
  });

  test('begin in a regex (language.md 2: a # must be written \\x23)', () => {
    expectTree('/rejected \\(#5.1.1\\)/ x\n/next/ y', [' = /rejected \\(', '#5.1.1\\)/ x', ' = /next/ y']);
  });

  test('quotes in a regex protect nothing', () => {
    expectTree('reply /say "no/ x # a "quota', ['reply = /say "no/ x', '# a "quota']);
  });

  test('do not begin in a balanced quoted string, which is reported', () => {
    expectTree('password "a#b" # c', ['password = "a#b"', '# c'], ['hash-in-quotes 1:10']);
  });

  test('an escaped quote does not end the string', () => {
    expectTree('p "a\\"#b"', ['p = "a\\"#b"'], ['hash-in-quotes 1:3']);
  });

  test('begin behind a quote that stands alone or inside a word', () => {
    expectTree('p "a#b\nq x"y#z"', ['p = "a', '#b', 'q = x"y', '#z"']);
  });

  test('doubled quotes open the next string', () => {
    expectTree('command "x --from=""$from"" #y"', ['command = "x --from=""$from"" #y"'], ['hash-in-quotes 1:27']);
  });
});

describe('tags', () => {
  test('nest, and their blocks may be empty', () => {
    expectTree('<virtual-mta v>\n<domain *>\na 1\n</domain>\n</virtual-mta>\n<dns>\n</dns>', [
      '<virtual-mta v>',
      '  <domain *>',
      '    a = 1',
      '  </>',
      '</>',
      '<dns>',
      '</>',
    ]);
  });

  test('blanks before > and double blanks before the argument mean nothing', () => {
    expectTree('<mx-rollup-list >\n</mx-rollup-list >\n<domain  x.test\t>\n</ domain>', [
      '<mx-rollup-list>',
      '</>',
      '<domain x.test>',
      '</>',
    ]);
  });

  test('a comment may follow', () => {
    expectTree('<domain x> # c\n</domain># d', ['<domain x>', '  # c', '</>', '# d']);
  });

  test('several on one line', () => {
    expectTree('<virtual-mta a>\nh 1\n</virtual-mta><virtual-mta b>\n</virtual-mta>', [
      '<virtual-mta a>',
      '  h = 1',
      '</>',
      '<virtual-mta b>',
      '</>',
    ]);
  });

  test('a whole block on one line', () => {
    expectTree('<domain x> max-smtp-out 5 </domain>\n<domain y> dkim-sign </domain> # c\na 1', [
      '<domain x>',
      '  max-smtp-out = 5',
      '</>',
      '<domain y>',
      '  dkim-sign = ',
      '</>',
      '# c',
      'a = 1',
    ]);
  });

  test('an inline closing tag may stand before another tag, behind a path too', () => {
    expectTree('<a x> b /opt </a><c> d 1 </c>', ['<a x>', '  b = /opt', '</>', '<c>', '  d = 1', '</>']);
  });

  test('a closing tag in quotes or tight behind a word ends no value', () => {
    expectTree('a "x </domain> y"\nb yes</domain>', ['a = "x </domain> y"', 'b = yes</domain>']);
  });

  test('quotes come off an argument, and keep a >', () => {
    expectTree('<acct-file "c:\\my stuff\\\\a>b.exe">\n</acct-file>', ['<acct-file c:\\my stuff\\a>b.exe>', '</>']);
  });

  test('a quote that stands alone is a character', () => {
    expectTree('<domain "x> # say "hi\n</domain>', ['<domain "x>', '  # say "hi', '</>']);
  });

  test('a pipe command takes everything to the >', () => {
    expectTree('<acct-file |/bin/feed --json "a b">\n</acct-file>', ['<acct-file |/bin/feed --json "a b">', '</>']);
  });

  test('a # in a quoted argument is kept and reported', () => {
    expectTree('<spool "/a#b">\n</spool>', ['<spool /a#b>', '</>'], ['hash-in-quotes 1:1']);
  });

  test('the argument span has the quotes', () => {
    const [item] = parseText('<spool  "/a b" >\n</spool>').node.items;
    if (item?.kind !== 'block') throw new Error('no block');
    expect([textOf(item.tag.nameSpan), textOf(item.tag.argumentSpan), textOf(item.tag.span)]).toEqual([
      'spool',
      '"/a b"',
      '<spool  "/a b" >',
    ]);
  });

  test('closing tags are case-blind and may repeat the argument (manual 3.3.19)', () => {
    expectTree('<Domain-Key-List c7>\n</domain-key-list c7>', ['<Domain-Key-List c7>', '</>']);
  });

  test('a directive may open a block at the end of its line (manual 3.3.14.3)', () => {
    expectTree('mail-from /@n\\.test/ <pattern-list> # c\n * virtual-mta=v\n</pattern-list>\nb 1', [
      'mail-from = /@n\\.test/',
      '  <pattern-list>',
      '    # c',
      '    * = virtual-mta=v',
      '  </>',
      'b = 1',
    ]);
  });

  test('the span of such a directive takes in its block', () => {
    const text = '* <pattern-list>\n</pattern-list>';
    const [item] = parseText(text).node.items;
    expect([item?.kind, item?.span.start, item?.span.end]).toEqual(['directive', 0, text.length]);
  });

  test.each([
    ['mail-from <> a@b.test', 'mail-from = <> a@b.test'],
    ['from Joe <joe@x.test>', 'from = Joe <joe@x.test>'],
    ['from "Joe <joe>"', 'from = "Joe <joe>"'],
    ['a b<tag>', 'a = b<tag>'],
    ['a <tag> b', 'a = <tag> b'],
    ['reply /a <b>/ x', 'reply = /a <b>/ x'],
  ])('no tag: %s', (text, line) => {
    expectTree(text, [line]);
  });

  test('the tag of the next line belongs to no directive', () => {
    expectTree('a 1\n<domain x>\n</domain>', ['a = 1', '<domain x>', '</>']);
  });
});

describe('damaged tags', () => {
  test('a closing tag without a block', () => {
    expectTree('a 1\n</domain>\nb 2', ['a = 1', 'broken </domain>', 'b = 2'], ['tag-stray 2:1']);
  });

  test('blocks inside a closed one are closed with it', () => {
    expectTree(
      '<virtual-mta v>\n  <domain x>\n    a 1\n</virtual-mta>\nb 2',
      ['<virtual-mta v>', '  <domain x>', '    a = 1', '</>', 'b = 2'],
      ['tag-unclosed 2:3'],
    );
  });

  test('a block left open before the next of its name', () => {
    expectTree(
      '<source a>\na 1\n<source b>\nb 2\n</source>',
      ['<source a>', '  a = 1', '<source b>', '  b = 2', '</>'],
      ['tag-unclosed 1:1'],
    );
  });

  test('the message tells where the block was taken to end', () => {
    const diagnostics = createDiagnostics();
    parseFile(createSource('config', '<source a>\n<source b>\n</source>'), diagnostics);
    expect(diagnostics.list[0]?.related.map(({ span }) => span.start)).toEqual([11]);
  });

  test('blocks of one name nest as long as one has no argument', () => {
    expectTree('<pattern-list a>\n<pattern-list>\n</pattern-list>\n</pattern-list>', [
      '<pattern-list a>',
      '  <pattern-list>',
      '  </>',
      '</>',
    ]);
  });

  test('the end of the file closes everything', () => {
    expectTree('<a x>\n<b y>\nc 1\n', ['<a x>', '  <b y>', '    c = 1'], ['tag-unclosed 2:1', 'tag-unclosed 1:1']);
  });

  test('a tag without > ends with its line or before a comment', () => {
    expectTree(
      '<domain x.test  # c\na 1\n</domain\nb 2',
      ['<domain x.test>', '  # c', '  a = 1', '</>', 'b = 2'],
      ['tag-unterminated 1:1', 'tag-unterminated 3:1'],
    );
  });

  test.each(['<> x', '< domain x>', '<<<<<<< HEAD', '<!-- x -->', '<'])('%s is no tag', (line) => {
    expectTree(`${line}\na 1`, [`broken ${line}`, 'a = 1'], ['tag-malformed 1:1']);
  });

  test('64 levels are accepted, a 65th is left out with its closing tag', () => {
    const nested = (depth: number) => `${'<a>\n'.repeat(depth)}x 1\n${'</a>\n'.repeat(depth)}`;
    expect(parseText(nested(64)).found).toEqual([]);
    const deep = parseText(nested(66));
    expect(deep.found).toEqual(['nesting-too-deep 65:1']);
    expect(deep.outline.filter((line) => line.trim().startsWith('broken')).map((line) => line.trim())).toEqual([
      'broken <a>',
      'broken <a>',
      'broken </a>',
      'broken </a>',
    ]);
    expect(deep.outline.at(-1)).toBe('</>');
  });

  test('a nested tag beyond the limit is left out, too', () => {
    const { found, outline } = parseText(`${'<a>\n'.repeat(64)}* <b>\n</b>\n${'</a>\n'.repeat(64)}`);
    expect(found).toEqual(['nesting-too-deep 65:3']);
    expect(outline.filter((line) => line.includes('broken')).map((line) => line.trim())).toEqual([
      'broken <b>',
      'broken </b>',
    ]);
  });

  test('100,000 nested tags do no harm', () => {
    const text = '<a>\n'.repeat(100_000);
    const { node, found } = parseText(text);
    expect(printFile(node) === text).toBe(true);
    expect(found.length).toBe(65);
  });
});

describe('values over several lines', () => {
  test('a list that ends in a comma, comments taken out', () => {
    expectTree(
      'domain-macro x a.com, b.com, # more\n  c.com ,\nd.com\ny 1',
      ['domain-macro = x a.com, b.com, c.com , d.com', 'y = 1'],
      ['continued-list 1:28'],
    );
  });

  test.each([
    ['a tag', '<domain y>', ['<domain y>'], ['tag-unclosed 2:1']],
    ['an empty line', '\nb 2', ['b = 2'], []],
    ['a comment', '# c\nb 2', ['# c', 'b = 2'], []],
    ['the end', '', [], []],
  ])('a list does not go on over %s', (_, next, rest, found) => {
    expectTree(`a x,\n${next}`, ['a = x,', ...rest], found);
  });

  test('a macro list on the line behind the name is left to others', () => {
    expectTree('domain-macro orange\norange.fr,wanadoo.fr', ['domain-macro = orange', 'orange.fr,wanadoo.fr = ']);
  });

  test('a regex at the start of a line, the break kept', () => {
    expectTree(
      '/(currently|temporarily \r\n+)?(disabled)/ inactive\r\n/x/ y',
      [' = /(currently|temporarily \n+)?(disabled)/ inactive', ' = /x/ y'],
      ['continued-regex 1:1'],
    );
  });

  test('a regex whose closing slash begins a line', () => {
    expectTree('/a\n b\n / other\n// x', [' = /a\n b\n / other', ' = // x'], ['continued-regex 1:1']);
  });

  test('a regex in a value, known by what no path has', () => {
    expectTree('reply /too (many\nerrors)/ skip-mx', ['reply = /too (many\nerrors)/ skip-mx'], ['continued-regex 1:7']);
  });

  test.each([
    ['a path', 'spool /var\nb x/ y', ['spool = /var', 'b = x/ y']],
    ['another pattern at the line start', '/a(b\n/c/ d', [' = /a(b', ' = /c/ d']],
    ['another pattern in the line', 'reply /a(b x\nreply /c/ y', ['reply = /a(b x', 'reply = /c/ y']],
    ['a comment on its line', '/a # b\nc/ d', [' = /a', '# b', 'c/ = d']],
    ['a comment before the slash', '/a\nc # /', [' = /a', 'c = ', '# /']],
    ['a slash four lines on', '/a\nb\nc\nd\ne/', [' = /a', 'b = ', 'c = ', 'd = ', 'e/ = ']],
    ['a tag', '<x>\n/a\n</x>', ['<x>', '   = /a', '</>']],
  ])('a regex does not run into %s', (_, text, outline) => {
    expectTree(text, outline);
  });

  test('a regex three lines on is reached', () => {
    expectTree('/a\nb\nc\nd/ e', [' = /a\nb\nc\nd/ e'], ['continued-regex 1:1']);
  });

  test('a quoted string', () => {
    expectTree(
      'command "/bin/x -a\n\t-b" # c\ny 1',
      ['command = "/bin/x -a\n\t-b"', '# c', 'y = 1'],
      ['continued-quote 1:9'],
    );
  });

  test.each([
    ['something follows', 'a "x\nb "y" z', ['a = "x', 'b = "y" z']],
    ['it closes four lines on', 'a "x\nb\nc\nd\ne"', ['a = "x', 'b = ', 'c = ', 'd = ', 'e" = ']],
    ['a comment comes between', 'a "x # c\nd"', ['a = "x', '# c', 'd" = ']],
  ])('a quoted string does not go on when %s', (_, text, outline) => {
    expectTree(text, outline);
  });

  test('the value span covers what was joined', () => {
    const [item] = parseText('a x, # c\n  y').node.items;
    if (item?.kind !== 'directive') throw new Error('no directive');
    expect(textOf(item.valueSpan)).toBe('x, # c\n  y');
  });
});

describe('printing', () => {
  test('misses what no item covers', () => {
    const { node } = parseText('a 1\nb 2\n');
    expect(printFile({ ...node, items: node.items.filter((_, index) => index !== 2) })).toBe('a 1\n\n');
    const source = createSource('config', 'a 1 b');
    const span = { source, start: 0, end: 5 };
    expect(printFile({ kind: 'file', source, items: [{ kind: 'blank', span }] })).toBe('  ');
  });
});

describe('speed', () => {
  test.each([
    ['quotes', `a ${'"\\'.repeat(100_000)}`],
    ['tag quotes', `<a ${'"\\'.repeat(100_000)}`],
    ['unfinished closing tags', `a ${' </x'.repeat(50_000)}`],
    ['unfinished patterns', '/(\n'.repeat(50_000)],
    ['blanks behind a nested tag', `a ${' <b>'.repeat(50_000)}x`],
    ['comma lines', 'a,\n'.repeat(50_000)],
    ['malformed', `<${' '.repeat(200_000)}`],
  ])('hostile text takes no quadratic time: %s', (_, text) => {
    const start = performance.now();
    parseText(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describeCorpus('printing gives back every byte', (configs) => {
  test.each(configs)('$name', ({ path }) => {
    const files = readdirSync(dirname(path), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const { parentPath, name } of files) {
      const text = readFileSync(`${parentPath}/${name}`, 'utf8');
      const diagnostics = createDiagnostics();
      const node = parseFile(createSource(name, text), diagnostics);
      expect(printFile(node)).toBe(text);
      expect(diagnostics.list.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });
});
