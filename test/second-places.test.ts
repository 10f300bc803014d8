import { describe, expect, it } from 'vitest';
import type { Code } from '../src/diagnostics/catalogue';
import { placeOf } from '../src/diagnostics/span';
import { convertText } from './support/converted';

/** The second places of the one diagnostic with this code, as `file:line message`. */
function placesOf(code: Code, input: string | Readonly<Record<string, string>>): readonly string[] {
  const found = convertText(input).diagnostics.list.filter((diagnostic) => diagnostic.code === code);
  expect(found).toHaveLength(1);
  return (found[0]?.related ?? []).map(({ span, message }) => `${placeOf(span)} ${message}`);
}

describe('the other place that a diagnostic is about', () => {
  it.each<[Code, readonly string[], readonly string[]]>([
    [
      'directive-misplaced',
      ['<domain a.example>', 'smtp-source-host 192.0.2.1 m', '</domain>'],
      ['config:1 the block in which it stands'],
    ],
    [
      'directive-repeated',
      ['<domain a.example>', 'max-smtp-out 1', 'max-smtp-out 2', '</domain>'],
      ['config:2 first set here'],
    ],
    ['tag-stray', ['<virtual-mta m>', '</domain>', '</virtual-mta>'], ['config:1 the block that is open here']],
    ['tag-unclosed', ['<domain a.example>', 'max-smtp-out 1'], ['config:3 taken to end here']],
    ['macro-repeated', ['domain-macro m a.example', 'domain-macro m b.example'], ['config:1 first defined here']],
    ['listener-twice', ['smtp-listener 127.0.0.1:25', 'smtp-listener 127.0.0.1:25'], ['config:1 the first listener']],
    ['http-access-dead', ['http-access 0/0 monitor', 'http-access 192.0.2.1 admin'], ['config:1 this line decides']],
    [
      'member-undefined',
      ['<virtual-mta sender>', '</virtual-mta>', '<virtual-mta-pool p>', 'virtual-mta sendre', '</virtual-mta-pool>'],
      ['config:1 the virtual-mta that may be meant'],
    ],
    [
      'open-relay',
      ['smtp-listener 0.0.0.0:25', '<source 0/0>', 'always-allow-relaying yes', '</source>'],
      ['config:1 the listener'],
    ],
  ])('%s', (code, lines, places) => {
    expect(placesOf(code, `${lines.join('\n')}\n`)).toEqual(places);
  });

  it('is the chain of includes, from the nearest line on', () => {
    const files = { config: 'include a\n', a: '# a\ninclude b\n', b: 'include no/such\n' };
    expect(placesOf('include-missing', files)).toEqual(['a:2 included from here', 'config:1 included from here']);
    const cycle = { config: 'include a\n', a: 'include b\n', b: 'include a\n' };
    expect(placesOf('include-cycle', cycle)).toEqual(['a:1 included from here']);
  });
});
