import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDiagnostics } from '../src/diagnostics/diagnostic';
import { createSource } from '../src/diagnostics/span';
import type { Item } from '../src/syntax/ast';
import { decode } from '../src/syntax/decode';
import { parseFile } from '../src/syntax/parse';
import { printFile } from '../src/syntax/print';
import { spansIn } from './support/spans';

/** Pieces of the language, put together without sense. */
const piece = fc.constantFrom(
  ...['domain', 'a', 'include', '*', 'x,', '/re/', '/(re', '/', '\\', '\\/', '"', '"q"', '#', ' # c', '<>', '<', '>'],
  ...['<a>', '<a x>', '<b y>', '</a>', '</b>', '</c x>', '<a x', '</a', ' <a>', '<"x>', '<a "b>c">', '$m', '[*.]x'],
  ...[' ', ' ', '\t', '\n', '\n', '\n', '\r\n', '\r', '\f', '\0', '\uFEFF', 'é', '漢', '\u{1F600}', '\u00A0', ',', '{'],
);
const scramble = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

function checkText(text: string): void {
  const diagnostics = createDiagnostics();
  const node = parseFile(createSource('config', text), diagnostics);
  expect(printFile(node)).toBe(text);
  let last = 0;
  for (const { start, end } of spansIn(node.items)) {
    expect(start).toBeGreaterThanOrEqual(last);
    expect(end).toBeGreaterThanOrEqual(start);
    last = end;
  }
  expect(last).toBeLessThanOrEqual(text.length);
  for (const { code, span } of diagnostics.list) {
    expect(code).not.toBe('file-not-understood');
    expect(span !== undefined && span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
  }
}

/** Numbers mean nothing to the tree, so that positions may differ between two spellings of one text. */
function shapeOf(items: readonly Item[]): unknown[] {
  return items.flatMap((item): unknown[] => {
    if (item.kind === 'block') return [[item.tag.name, item.tag.argument, shapeOf(item.items)]];
    if (item.kind !== 'directive') return [];
    return [[item.name, item.value, item.block === undefined ? [] : shapeOf([item.block])]];
  });
}

const parseShape = (text: string) => shapeOf(parseFile(createSource('config', text), createDiagnostics()).items);

test('scrambled configuration is covered without a hole', () => {
  fc.assert(fc.property(scramble, checkText), { numRuns: 3000 });
});

test('any text is covered without a hole', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), checkText), { numRuns: 1000 });
});

test('any bytes are decoded, and their text is covered without a hole', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, (input) => {
      const { text, foreignAt } = decode(input);
      checkText(text);
      if (foreignAt !== undefined) expect(text.charCodeAt(foreignAt)).toBeGreaterThanOrEqual(0x80);
    }),
    { numRuns: 1000 },
  );
});

test('line ends of any kind give the same tree', () => {
  const unix = scramble.map((text) => text.replace(/\r\n?/g, '\n'));
  fc.assert(
    fc.property(unix, fc.constantFrom('\r\n', '\r'), (text, end) => {
      expect(parseShape(text.replaceAll('\n', end))).toEqual(parseShape(text));
    }),
    { numRuns: 2000 },
  );
});

test('a line behind a closed text is read on its own', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.constantFrom('', '# c\n', '<a x>\nb 1\n</a>\n', 'c "q"\n'), (n, before) => {
      expect(parseShape(`${before}max-smtp-out ${n}\n`).at(-1)).toEqual(['max-smtp-out', String(n), []]);
    }),
  );
});
