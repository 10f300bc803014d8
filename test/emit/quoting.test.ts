import fc from 'fast-check';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LuaEngine, LuaFactory } from 'wasmoon';
import { luaComment, luaKey, luaString, luaValue } from '../../src/emit/quote-lua';
import {
  inlineTable,
  regexList,
  tomlComment,
  tomlKey,
  tomlName,
  tomlPath,
  tomlRegexes,
  tomlValue,
} from '../../src/emit/quote-toml';
import type { KumoValue } from '../../src/kumo/model';

let lua: LuaEngine;
beforeAll(async () => {
  lua = await new LuaFactory().createEngine();
});
afterAll(() => lua.global.close());

/** Any text, and texts made of what quoting is about. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '\\',
      '\n',
      '\r',
      '\0',
      ']',
      '[',
      '=',
      '-',
      '#',
      '{',
      '}',
      '7',
      '\u2028',
      '\ud800',
      'é',
      '\u202e',
      '.',
    ),
  }),
);

/** What a text is once it is UTF-8: the reference for both languages. */
function asUtf8(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

/** The bytes of a string as Lua sees them; going through hexadecimal keeps NUL and invalid text apart from the bridge. */
function bytesInLua(expression: string): string {
  return String(
    lua.doStringSync(
      `return (string.gsub(${expression}, '.', function(c) return string.format('%02x', c:byte()) end))`,
    ),
  );
}

describe('Lua', () => {
  test('a literal denotes exactly the UTF-8 bytes of the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(bytesInLua(luaString(text))).toBe(Buffer.from(asUtf8(text), 'utf8').toString('hex'));
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['plain', "'plain'"],
    ["it's", '"it\'s"'],
    [`'"`, `'\\'"'`],
    ['a\\b', "'a\\\\b'"],
    ['a\nb', "'a\\nb'"],
    ['\u00001', "'\\0001'"],
    ['é', "'\\195\\169'"],
    [']]', "']]'"],
  ])('%j is written %s', (text, literal) => {
    expect(luaString(text)).toBe(literal);
  });

  test('any name works as the key of a table', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom('end', 'nil', 'goto', 'a b', '1a', '_x', '')), (name) => {
        expect(bytesInLua(`next({ ${luaKey(name)} = 1 })`)).toBe(Buffer.from(asUtf8(name), 'utf8').toString('hex'));
      }),
      { numRuns: 300 },
    );
    expect(luaKey('relay_hosts')).toBe('relay_hosts');
    expect(luaKey('end')).toBe("['end']");
  });

  test('a comment ends with its line and nowhere else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(lua.doStringSync(`${luaComment(text)}\nreturn 42`)).toBe(42);
        expect(lua.doStringSync(`${luaComment(`[[${text}`)}\nreturn 43`)).toBe(43);
      }),
    );
  });

  test('values break into lines only where they are long, and read the same either way', () => {
    const value: KumoValue = { listen: '0.0.0.0:25', nested: { list: [1, 2.5, true, 'x'] }, ['a b']: [] };
    expect(luaValue(value)).toBe("{ listen = '0.0.0.0:25', nested = { list = { 1, 2.5, true, 'x' } }, ['a b'] = {} }");
    const hosts = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}`);
    expect(luaValue(hosts).split('\n').length).toBeLessThan(12);
    expect(lua.doStringSync(`local t = ${luaValue(hosts)} return #t .. t[40]`)).toBe('40192.0.2.39');
  });

  test('large integers have no exponent, and what is no number is refused', () => {
    expect(luaValue(1e21)).toBe('1000000000000000000000');
    expect(() => luaValue(Number.NaN)).toThrow(RangeError);
  });
});

describe('TOML', () => {
  test('a string reads back as the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parse(`k = ${tomlValue(text)}`)).toEqual({ k: asUtf8(text) });
      }),
      { numRuns: 400 },
    );
  });

  test('a regular expression reads back as the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parse(`k = ${tomlRegexes([text])}\nl = ${regexList([text])}`)).toEqual({
          k: asUtf8(text),
          l: [asUtf8(text)],
        });
      }),
      { numRuns: 400 },
    );
  });

  test('a name reads back as the key, in both styles, in headers and in inline tables', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('"' as const, "'" as const), (name, style) => {
        fc.pre(name !== '__proto__');
        const key = asUtf8(name);
        expect(parse(`[${tomlPath(['queue', { name }], style)}]`)).toEqual({ queue: { [key]: {} } });
        expect(parse(`k = ${inlineTable([[tomlName(name, style), '1']])}`)).toEqual({ k: { [key]: 1 } });
        expect(parse(`${tomlKey(name)} = 1`)).toEqual({ [key]: 1 });
      }),
      { numRuns: 300 },
    );
  });

  test('a comment ends with its line and nowhere else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parse(`${tomlComment(text)}\nk = 1`)).toEqual({ k: 1 });
      }),
    );
  });

  test.each<[KumoValue, string]>([
    ['4d12h', '"4d12h"'],
    ['a"b', `'a"b'`],
    ['C:\\x', "'C:\\x'"],
    [20, '20'],
    [{ 'pmta:total-out': 1200, plain: true }, '{ "pmta:total-out" = 1200, plain = true }'],
    [['a', 'b'], '["a", "b"]'],
  ])('%j is written %s', (value, text) => {
    expect(tomlValue(value)).toBe(text);
  });

  test('only plain keys are bare, and regular expressions stand in three quotes', () => {
    expect(tomlKey('max_age')).toBe('max_age');
    expect(tomlKey('gmail.com')).toBe('"gmail.com"');
    expect(tomlName('plain', '"')).toBe('"plain"');
    expect(tomlRegexes(['(?i)a\\.b'])).toBe("'''(?i)a\\.b'''");
    expect(tomlRegexes(["ends with '"])).toBe(`"ends with '"`);
    expect(tomlRegexes(['a', 'b'])).toBe("['''a''', '''b''']");
  });
});
