import { describe, expect, it } from 'vitest';
import { contains, parseNetwork, strictText } from '../../src/directives/cidr';
import { patternKey, readDomainPattern } from '../../src/pmta/domain-pattern';

describe('readDomainPattern', () => {
  it.each([
    ['*', { form: 'any' }],
    ['Example.ORG', { form: 'name', name: 'example.org' }],
    ['localhost', { form: 'name', name: 'localhost' }],
    ['hotmail.rollup', { form: 'name', name: 'hotmail.rollup' }],
    ['*.example.org', { form: 'below', name: 'example.org' }],
    ['[*.]example.org', { form: 'tree', name: 'example.org' }],
    ['[10/8]', { form: 'literal', cidr: '10.0.0.0/8' }],
    ['[192.0.2.9]', { form: 'literal', cidr: '192.0.2.9/32' }],
    ['[IPv6:2001:db8::/32]', { form: 'literal', cidr: '2001:db8::/32' }],
    ['{sparkpost}', { form: 'name', name: '{sparkpost}' }],
    ['{feedbackLoop}', { form: 'name', name: '{feedbackloop}' }],
    ['bücher.example', { form: 'name', name: 'xn--bcher-kva.example' }],
    ['[*.]Bücher.example', { form: 'tree', name: 'xn--bcher-kva.example' }],
  ])('reads %s', (text, pattern) => {
    expect(readDomainPattern(text)).toEqual({ pattern });
  });

  it.each([
    '',
    '*.',
    '[*.]',
    '.com',
    'a..b',
    'example.org.',
    '*.*.org',
    'ex*mple.org',
    'a b',
    '[300.1.1.1]',
    '[10/8',
    '[]',
    'a/b',
    '{a',
    '$tld.com',
    'x"y',
    'a\u0000b',
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}`,
  ])('refuses %j', (text) => {
    expect(readDomainPattern(text)).toHaveProperty('reason');
  });

  it('has one key a pattern', () => {
    const texts = ['*', 'a.test', '*.a.test', '[*.]a.test', '[10.0.0.0/8]'];
    const keys = texts.map((text) => {
      const read = readDomainPattern(text);
      return 'pattern' in read ? patternKey(read.pattern) : undefined;
    });
    expect(keys).toEqual(texts);
  });
});

describe('parseNetwork', () => {
  it.each([
    ['0/0', '0.0.0.0/0', false],
    ['10/8', '10.0.0.0/8', false],
    ['173.194/16', '173.194.0.0/16', false],
    ['10.1.0/24', '10.1.0.0/24', false],
    ['192.0.2.1', '192.0.2.1/32', false],
    ['203.0.113.37/27', '203.0.113.32/27', true],
    ['::1', '::1/128', false],
    ['2001:DB8::7/64', '2001:db8::/64', true],
    ['010.0.0.1', '10.0.0.1/32', false],
  ])('reads %s as %s', (text, cidr, hostBitsCleared) => {
    const read = parseNetwork(text);
    expect(read === undefined ? undefined : strictText(read)).toBe(cidr);
    expect(read).toHaveProperty('hostBitsCleared', hostBitsCleared);
  });

  it.each(['10', '10.1', '256.0.0.1', '10.0.0.1/33', '::1/129', '1.2.3.4.5', 'localhost', '', '{auth}', '1.2.3.4/'])(
    'refuses %j',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it('tells what lies in a network', () => {
    expect(contains('10.0.0.0/8', '10.255.0.1')).toBe(true);
    expect(contains('10.0.0.0/8', '11.0.0.1')).toBe(false);
    expect(contains('2001:db8::/32', '2001:db8:1::1')).toBe(true);
    expect(contains('0.0.0.0/0', '::1')).toBe(false);
    expect(contains('10.0.0.0/8', 'nonsense')).toBe(false);
  });
});
