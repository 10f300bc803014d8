import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseCidr } from '../src/directives/cidr';
import type { ValueKind } from '../src/directives/row';
import { DIRECTIVES } from '../src/directives/table';
import type { ReadValue, Value } from '../src/directives/value';
import { readValue } from '../src/directives/values';

const KINDS: readonly ValueKind[] = [...new Set(DIRECTIVES.map(({ value }) => value))];

function read(kind: ValueKind, raw: string, words?: readonly string[]): ReadValue {
  return readValue({ value: kind, ...(words === undefined ? {} : { words }) }, raw);
}

/** Reads something that is right as it stands. */
function value(kind: ValueKind, raw: string, words?: readonly string[]): Value {
  const { value, warnings } = read(kind, raw, words);
  if (value.kind === 'error') throw new Error(`${raw}: ${value.reason}`);
  expect(warnings, `warnings of ${raw}`).toEqual([]);
  return value;
}

/** Reads something that is accepted with at least one warning. */
function tolerated(kind: ValueKind, raw: string): { value: Value; reasons: string[] } {
  const { value, warnings } = read(kind, raw);
  if (value.kind === 'error') throw new Error(`${raw}: ${value.reason}`);
  expect(warnings, `warnings of ${raw}`).not.toEqual([]);
  return { value, reasons: warnings.map(({ reason }) => reason) };
}

/** The wrong part of a value that cannot be read, and the reason. */
function fault(kind: ValueKind, raw: string, words?: readonly string[]): [string, string] {
  const { value } = read(kind, raw, words);
  if (value.kind !== 'error') throw new Error(`${raw} was read as ${JSON.stringify(value)}`);
  return [raw.slice(value.start, value.end), value.reason];
}

describe('booleans (M5 3.2)', () => {
  it.each([
    ['yes', true],
    ['true', true],
    ['no', false],
    ['false', false],
    ['"no"', false],
  ])('%s', (raw, wanted) => {
    expect(value('bool', raw)).toEqual({ kind: 'bool', value: wanted });
  });

  it('accepts other case', () => {
    expect(tolerated('bool', 'TRUE').value).toEqual({ kind: 'bool', value: true });
    expect(tolerated('bool', 'No').value).toEqual({ kind: 'bool', value: false });
  });

  it.each(['on', 'off', '1', '0', 'ON'])('refuses %s and says what is known', (raw) => {
    expect(fault('bool', raw)).toEqual([raw, 'is not yes or no (PowerMTA knows yes, no, true and false only)']);
  });

  it('refuses everything else', () => {
    expect(fault('bool', 'maybe')).toEqual(['maybe', 'is not yes or no']);
    expect(fault('bool', 'yes please')).toEqual(['please', 'is not expected here']);
    expect(fault('bool', 'constructor')).toEqual(['constructor', 'is not yes or no']);
  });

  it('reads a bool, an interval or never where all are possible (M5 3.3.10.60)', () => {
    expect(value('bool-or-interval', 'yes')).toEqual({ kind: 'bool', value: true });
    expect(value('bool-or-interval', '4h')).toEqual({ kind: 'interval', value: 14_400 });
    expect(value('bool-or-interval', 'never')).toEqual({ kind: 'interval', value: 'never' });
    expect(fault('bool-or-interval', 'later')[0]).toBe('later');
  });
});

describe('numbers', () => {
  it('reads whole numbers', () => {
    expect(value('int', '4000')).toEqual({ kind: 'int', value: 4000 });
    expect(value('int', '0')).toEqual({ kind: 'int', value: 0 });
    expect(value('int-or-unlimited', 'unlimited')).toEqual({ kind: 'int', value: 'unlimited' });
    expect(value('int', 'auto', ['auto'])).toEqual({ kind: 'text', value: 'auto' });
    expect(value('port', '65535')).toEqual({ kind: 'int', value: 65_535 });
    expect(fault('port', '65536')).toEqual(['65536', 'is no port: they end at 65535']);
  });

  it.each(['-1', '+1', '1.5', '1e3', '0x10', '10k', 'unlimited', '٣'])('refuses %s', (raw) => {
    expect(fault('int', raw)).toEqual([raw, 'is not a whole number']);
  });

  it('refuses what it could not hold', () => {
    expect(fault('int', '99999999999999999999')).toEqual(['99999999999999999999', 'is too large a number']);
  });
});

describe('intervals (M5 3.2)', () => {
  it.each([
    ['5s', 5],
    ['10m', 600],
    ['2h', 7_200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['4d12h', 388_800],
    ['1w2d12h', 820_800],
    ['0', 0],
  ])('%s is %i seconds', (raw, seconds) => {
    expect(value('interval', raw)).toEqual({ kind: 'interval', value: seconds });
  });

  it('accepts bare seconds, as PowerMTA prints them', () => {
    const { value, reasons } = tolerated('interval', '600');
    expect(value).toEqual({ kind: 'interval', value: 600 });
    expect(reasons).toEqual(['has a bare number, read as seconds']);
  });

  it('takes never only where it is possible', () => {
    expect(value('interval-or-never', 'never')).toEqual({ kind: 'interval', value: 'never' });
    expect(fault('interval', 'never')).toEqual(['never', 'is not an interval such as 4d12h']);
  });

  it.each(['4 d', '10min', '-5m', '1.5h', 'm10', '4d12', '1y', '99999999999999w'])('refuses %s', (raw) => {
    expect(read('interval', raw).value).toMatchObject({ kind: 'error' });
  });

  it('reads lists (M5 3.3.10.39)', () => {
    expect(value('intervals', '10m,20m,1h,4h')).toEqual({ kind: 'intervals', values: [600, 1200, 3600, 14_400] });
    expect(value('intervals', '15m')).toEqual({ kind: 'intervals', values: [900] });
    expect(value('intervals', '"10m,20m"')).toEqual({ kind: 'intervals', values: [600, 1200] });
    expect(tolerated('intervals', '10m, 20m').value).toEqual({ kind: 'intervals', values: [600, 1200] });
    expect(fault('intervals', '10m,soon,1h')).toEqual(['soon', 'is not an interval such as 4d12h']);
    expect(fault('intervals', '10m 20m')[0]).toBe('10m 20m');
    expect(fault('intervals', '10m,,20m')[1]).toBe('has an empty item in its list');
  });

  it('takes up to 30 of them (M5 10.15)', () => {
    const thirty = Array.from({ length: 30 }, () => '1m');
    expect(value('intervals', thirty.join(','))).toMatchObject({ values: { length: 30 } });
    expect(fault('intervals', [...thirty, '9h'].join(','))).toEqual(['9h', 'is item 31 of a list of at most 30']);
  });
});

describe('rates (M5 3.3.10.33)', () => {
  it.each([
    ['500/h', 500, 1, 'h'],
    ['100/15m', 100, 15, 'm'],
    ['30/min', 30, 1, 'm'],
    ['1/sec', 1, 1, 's'],
    ['1/5s', 1, 5, 's'],
    ['8/hr', 8, 1, 'h'],
    ['50/d', 50, 1, 'd'],
    ['50/day', 50, 1, 'd'],
  ])('%s', (raw, count, multiple, unit) => {
    expect(value('rate', raw)).toEqual({ kind: 'rate', rate: { count, multiple, unit } });
  });

  it.each(['unlimited', '0'])('%s is no limit', (raw) => {
    expect(value('rate', raw)).toEqual({ kind: 'rate', rate: 'unlimited' });
    expect(value('data-rate', raw)).toEqual({ kind: 'data-rate', rate: 'unlimited' });
  });

  it.each([
    '0/h',
    '500',
    '500/',
    '/h',
    '5/hour',
    '5/month',
    '-5/h',
    '5 /h',
    '5.5/h',
    '20M/h',
    '5/0h',
    '5/h/h',
    '5/constructor',
  ])('refuses %s', (raw) => {
    expect(read('rate', raw).value).toMatchObject({ kind: 'error' });
  });

  it('says what is wrong', () => {
    expect(fault('rate', '500')).toEqual(['500', 'is not a rate such as 500/h (it has no period)']);
    expect(fault('rate', '0/h')).toEqual([
      '0/h',
      'is not a rate such as 500/h (for no limit write 0 alone, or unlimited)',
    ]);
    expect(fault('rate', 'fast')).toEqual(['fast', 'is not a rate such as 500/h']);
  });

  it('reads data rates in multiples of 1024 (M5 3.3.10.37)', () => {
    const gigabytes = { count: 2 * 1024 ** 3, multiple: 10, unit: 'h' };
    expect(value('data-rate', '2g/10h')).toEqual({ kind: 'data-rate', rate: gigabytes });
    expect(value('data-rate', '1K/s')).toMatchObject({ rate: { count: 1024, unit: 's' } });
    expect(value('data-rate', '500/min')).toMatchObject({ rate: { count: 500, unit: 'm' } });
    expect(fault('data-rate', '2x/h')).toEqual(['2x/h', 'is not a data rate such as 20M/h']);
  });

  it('reads daily limits (M5 3.3.10.48)', () => {
    expect(value('daily-rates', '50/day,100/d,200/day')).toEqual({ kind: 'daily-rates', values: [50, 100, 200] });
    expect(value('daily-rates', '0/d')).toEqual({ kind: 'daily-rates', values: [0] });
    expect(fault('daily-rates', '50/d,60/h')).toEqual(['60/h', 'is not a daily limit such as 50/d']);
    expect(fault('daily-rates', '50')).toEqual(['50', 'is not a daily limit such as 50/d']);
  });

  it('reads sizes in multiples of 1024 (M5 3.3.11.4)', () => {
    expect(value('size', '1024K')).toEqual({ kind: 'size', value: 1_048_576 });
    expect(value('size', '1m')).toEqual({ kind: 'size', value: 1_048_576 });
    expect(value('size', '2T')).toEqual({ kind: 'size', value: 2 * 1024 ** 4 });
    expect(value('size', '17b')).toEqual({ kind: 'size', value: 17 });
    expect(value('size', '0')).toEqual({ kind: 'size', value: 0 });
    expect(value('size', 'unlimited')).toEqual({ kind: 'size', value: 'unlimited' });
    expect(tolerated('size', '52428800').value).toEqual({ kind: 'size', value: 52_428_800 });
    expect(fault('size', '20MB')).toEqual(['20MB', 'is not a size such as 20M']);
    expect(fault('size', '20 M')).toEqual(['M', 'is not expected here']);
  });
});

describe('addresses and networks (M5 3.3.7)', () => {
  it.each([
    ['10/8', '10.0.0.0/8', false],
    ['0/0', '0.0.0.0/0', false],
    ['173.194/16', '173.194.0.0/16', false],
    ['10.1.0/24', '10.1.0.0/24', false],
    ['192.0.2.7', '192.0.2.7', false],
    ['192.0.2.7/32', '192.0.2.7', false],
    ['192.0.2.7/24', '192.0.2.0/24', true],
    ['10.255/9', '10.128.0.0/9', true],
    ['::1', '::1', false],
    ['::/0', '::/0', false],
    ['2001:DB8::/32', '2001:db8::/32', false],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33', true],
    ['010.0.0.1', '10.0.0.1', false],
  ])('%s is %s', (raw, cidr, hostBitsCleared) => {
    expect(value('cidr', raw)).toEqual({ kind: 'cidr', value: cidr, hostBitsCleared });
  });

  it.each([
    '10',
    '10.1',
    '256.0.0.1',
    '10.0.0.0/33',
    '1.2.3.4.5',
    '1.2.3.4/',
    '::1/129',
    '1::2::3',
    'localhost',
    '0x7f.1',
    '10.0.0.1/-1',
  ])('refuses %s', (raw) => {
    expect(fault('cidr', raw)).toEqual([raw, 'is not an IP address or network such as 10.0.0.0/8']);
  });

  it('keeps networks apart from addresses', () => {
    expect(value('ip', '192.0.2.53')).toEqual({ kind: 'text', value: '192.0.2.53' });
    expect(value('ip', '2001:DB8:0::1')).toEqual({ kind: 'text', value: '2001:db8::1' });
    expect(fault('ip', '10/8')).toEqual(['10/8', 'is not an IP address']);
    expect(parseAddress('192.0.2.1/32')).toBeUndefined();
  });

  it('reads a network with a limit', () => {
    expect(value('cidr-int', '10/8 20')).toEqual({ kind: 'cidr-int', cidr: '10.0.0.0/8', value: 20 });
    const rate = { count: 600, multiple: 1, unit: 'h' };
    expect(value('cidr-rate', '192.0.2.0/24 600/h')).toEqual({
      kind: 'cidr-rate',
      cidr: '192.0.2.0/24',
      rate,
      bytes: false,
    });
    expect(value('cidr-data-rate', '::1 20M/h')).toMatchObject({
      cidr: '::1',
      bytes: true,
      rate: { count: 20_971_520 },
    });
    expect(tolerated('cidr-int', '10.1.1.1/8 20').value).toMatchObject({ cidr: '10.0.0.0/8' });
    expect(fault('cidr-int', '10/8')).toEqual(['10/8', 'has no number behind it']);
    expect(fault('cidr-int', '10/8 many')).toEqual(['many', 'is not a whole number']);
    expect(fault('cidr-rate', '600/h 10/8')).toEqual(['600/h', 'is not an IP address or network such as 10.0.0.0/8']);
    expect(fault('cidr-rate', '10/8 600/h x')).toEqual(['x', 'is not expected here']);
  });

  it('clears the same bits as arithmetic does', () => {
    const octet = fc.nat(255);
    fc.assert(
      fc.property(octet, octet, octet, octet, fc.nat(32), (a, b, c, d, prefix) => {
        const size = 2 ** (32 - prefix);
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const network = Math.floor(number / size) * size;
        const dotted = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.');
        expect(parseCidr(`${a}.${b}.${c}.${d}/${prefix}`)).toEqual({
          value: prefix === 32 ? dotted : `${dotted}/${prefix}`,
          hostBitsCleared: network !== number,
        });
      }),
    );
  });
});

describe('listeners (M5 3.3.1.20)', () => {
  it.each([
    ['192.0.2.10:25', '192.0.2.10', 25],
    ['0/0:2525', '0.0.0.0/0', 2525],
    ['0.0.0.0/0:587', '0.0.0.0/0', 587],
    ['0.0.0.0:587', '0.0.0.0', 587],
    ['[::]:25', '::', 25],
    ['[::1]:25', '::1', 25],
    ['[::/0]:25', '::/0', 25],
    ['[2001:db8::]/32:25', '2001:db8::/32', 25],
  ])('%s', (raw, cidr, port) => {
    expect(value('listener', raw)).toEqual({ kind: 'listener', cidr, port });
  });

  it('reads a named source', () => {
    expect(value('listener', '0/0:25 source=x')).toEqual({
      kind: 'listener',
      cidr: '0.0.0.0/0',
      port: 25,
      source: 'x',
    });
    expect(value('listener', '0/0:25  source={auth}')).toMatchObject({ source: '{auth}' });
  });

  it.each([
    ['25', '25', 'is a port without an address, as in 0.0.0.0:25'],
    ['192.0.2.1', '192.0.2.1', 'has no port, as in 0.0.0.0:25'],
    ['192.0.2.1:0', '192.0.2.1:0', 'has no port from 1 to 65535 behind its colon'],
    ['192.0.2.1:65536', '192.0.2.1:65536', 'has no port from 1 to 65535 behind its colon'],
    ['::1:25', '::1:25', 'needs brackets round its IPv6 address, as in [2001:db8::1]:25'],
    ['IP1_ADDRESS:25', 'IP1_ADDRESS:25', 'does not begin with an IP address or network, as in 0.0.0.0:25'],
    ['0/0:465 tls=yes', 'tls=yes', 'is not source=NAME'],
    ['0/0:25 source=', 'source=', 'is not source=NAME'],
    ['0/0:25 source=a b', 'b', 'is not expected here'],
  ])('refuses %s', (raw, wrong, reason) => {
    expect(fault('listener', raw)).toEqual([wrong, reason]);
  });
});

describe('hosts', () => {
  it('reads static routing by preference (M5 3.3.10.89)', () => {
    const raw = 'h1.test, h2.test:1025; [192.0.2.9]:2525, [IPv6:2001:db8::9], lookup-mx:real.test';
    expect(value('host-list', raw)).toEqual({
      kind: 'host-list',
      groups: [
        [
          { via: 'host', host: 'h1.test' },
          { via: 'host', host: 'h2.test', port: 1025 },
        ],
        [
          { via: 'address', address: '192.0.2.9', port: 2525 },
          { via: 'address', address: '2001:db8::9' },
          { via: 'mx', domain: 'real.test' },
        ],
      ],
    });
  });

  it('reads bare addresses, capitals and quotes', () => {
    const address = { via: 'address', address: '192.0.2.65' };
    expect(value('host-list', '192.0.2.65')).toEqual({ kind: 'host-list', groups: [[address]] });
    expect(value('host-list', '192.0.2.65:26')).toMatchObject({ groups: [[{ ...address, port: 26 }]] });
    expect(value('host-list', 'MX.Example.COM')).toMatchObject({ groups: [[{ via: 'host', host: 'mx.example.com' }]] });
    expect(value('host-list', '"a.test;b.test"')).toMatchObject({
      groups: [[{ host: 'a.test' }], [{ host: 'b.test' }]],
    });
    expect(value('host-list', '[127.0.0.1]:2526')).toMatchObject({ groups: [[{ address: '127.0.0.1', port: 2526 }]] });
  });

  it('is cleared by the empty string', () => {
    expect(value('host-list', '""')).toEqual({ kind: 'host-list', groups: [] });
  });

  it('accepts a separator at the end', () => {
    expect(tolerated('host-list', 'a.test;').value).toEqual({
      kind: 'host-list',
      groups: [[{ via: 'host', host: 'a.test' }]],
    });
  });

  it.each([
    ['a.test b.test', 'a.test b.test'],
    ['a.test, [not-an-ip]', '[not-an-ip]'],
    ['a.test, h:99999', 'h:99999'],
    ['lookup-mx:', 'lookup-mx:'],
    ['ok.test; lookup-mx:a b', 'lookup-mx:a b'],
    ['2001:db8::9', '2001:db8::9'],
    ['a.test"; os.exit()', 'a.test"'],
    ['1.2.3', '1.2.3'],
    ['a..b', 'a..b'],
  ])('refuses %s', (raw, wrong) => {
    expect(fault('host-list', raw)[0]).toBe(wrong);
  });

  it('reads source hosts (M5 3.3.12.5)', () => {
    expect(value('source-host', '192.0.2.20 m20.example.net')).toEqual({
      kind: 'source-host',
      address: '192.0.2.20',
      host: 'm20.example.net',
    });
    expect(value('source-host', '198.51.100.16/28 out.test')).toMatchObject({ address: '198.51.100.16/28' });
    expect(value('source-host', '2001:db8::1')).toEqual({ kind: 'source-host', address: '2001:db8::1' });
    expect(fault('source-host', 'm20.example.net 192.0.2.20')[0]).toBe('m20.example.net');
    expect(fault('source-host', '192.0.2.20 a.test b.test')).toEqual(['b.test', 'is not expected here']);
  });

  it('reads both forms of cold-virtual-mta', () => {
    expect(value('cold-virtual-mta', 'new1')).toEqual({ kind: 'text', value: 'new1' });
    expect(value('cold-virtual-mta', '192.0.2.5 c.test')).toMatchObject({ kind: 'source-host', host: 'c.test' });
  });

  it('reads access to the monitor (M5 3.3.1.36.3)', () => {
    expect(value('http-access', '127.0.0.1 admin')).toEqual({ kind: 'http-access', cidr: '127.0.0.1', level: 'admin' });
    expect(value('http-access', '10/8 monitor,deny-logs')).toMatchObject({ cidr: '10.0.0.0/8', level: 'monitor' });
    expect(value('http-access', '::1 Monitor , deny-logs')).toMatchObject({ cidr: '::1', level: 'monitor' });
    expect(fault('http-access', '10/8 root')).toEqual(['root', 'is not none, monitor, operator or admin']);
    expect(fault('http-access', '10/8 monitor,allow-logs')).toEqual(['allow-logs', 'is not deny-logs']);
    expect(fault('http-access', 'APIKEY1 monitor')[0]).toBe('APIKEY1');
    expect(fault('http-access', '10/8')[1]).toContain('has no level');
  });

  it('reads proxies (M5 10.2, PMP)', () => {
    expect(value('proxy-client', '203.0.113.7 m7.test')).toEqual({
      kind: 'proxy-client',
      address: '203.0.113.7',
      host: 'm7.test',
    });
    expect(value('proxy-client', '203.0.113.7:0 m7.test')).toMatchObject({ address: '203.0.113.7' });
    expect(value('proxy-client', '[2001:db8::7]:4000 m7.test')).toMatchObject({ address: '2001:db8::7' });
    expect(value('proxy-source-host', '10.0.0.2 10.0.0.5:5000 203.0.113.7 m7.test')).toEqual({
      kind: 'proxy-source-host',
      local: '10.0.0.2',
      server: '10.0.0.5:5000',
      client: '203.0.113.7',
      host: 'm7.test',
    });
    expect(fault('proxy-source-host', '10.0.0.2 10.0.0.5 203.0.113.7 m7.test')).toEqual(['10.0.0.5', 'has no port']);
    expect(fault('proxy-client', 'm7.test 203.0.113.7')[0]).toBe('m7.test');
    expect(fault('proxy-client', '203.0.113.7')[1]).toBe('is not IP[:PORT] HOSTNAME');
  });
});

describe('text, quotes and escapes', () => {
  it.each([
    ['"pmta report"', 'pmta report'],
    ['""', ''],
    ['plain words to the end', 'plain words to the end'],
    [String.raw`"\"quoted\" \\ \$x a\ b"`, String.raw`"quoted" \ $x a b`],
    [String.raw`"c:\pmta\m.pem"`, String.raw`c:\pmta\m.pem`],
    [String.raw`c:\\pmta`, String.raw`c:\\pmta`],
    [String.raw`"/opt/in --env \"$envid\" --user $user"`, '/opt/in --env "$envid" --user $user'],
  ])('%s', (raw, text) => {
    expect(value('text', raw)).toEqual({ kind: 'text', value: text });
  });

  it('takes a doubled quote for a quote', () => {
    expect(tolerated('text', '"--from=""$from"" x"').value).toEqual({ kind: 'text', value: '--from="$from" x' });
  });

  it('keeps the quotes of a From header with a display name', () => {
    const raw = '"Mail System" <mailer@example.com>';
    expect(tolerated('text', raw).value).toEqual({ kind: 'text', value: raw });
  });

  it('reads secrets as they stand (M5 3.3.8.1)', () => {
    expect(value('secret', '"s3cret word"')).toEqual({ kind: 'secret', value: 's3cret word' });
    expect(value('secret', 'X(ibM(2h^ZY')).toEqual({ kind: 'secret', value: 'X(ibM(2h^ZY' });
    expect(fault('secret', '"open')[1]).toBe('lacks its closing quote');
  });

  it('never says a secret in its reasons', () => {
    const secrets = ['"hunter2', '"hunter2"x"hunter2', 'a "hunter2', 'md5 hunter2', 'siphash "hunter2', '"a"hunter2 x'];
    for (const kind of ['secret', 'path-secret', 'privacy-policy'] as const) {
      for (const raw of secrets) {
        const { value, warnings } = read(kind, raw);
        const said = [...(value.kind === 'error' ? [value.reason] : []), ...warnings.map(({ reason }) => reason)];
        expect(said.join()).not.toContain('hunter2');
      }
    }
  });

  it('reads names and paths as one word', () => {
    expect(value('name', '"hotmail.rollup"')).toEqual({ kind: 'text', value: 'hotmail.rollup' });
    expect(value('name', '{sparkpost}')).toEqual({ kind: 'text', value: '{sparkpost}' });
    expect(value('path', '"/var/my files/x"')).toEqual({ kind: 'text', value: '/var/my files/x' });
    expect(fault('name', 'mta1 weight 100')).toEqual(['weight 100', 'is not expected here']);
    expect(fault('path', '/var/my files')).toEqual([
      'files',
      'is not expected here (a path with blanks stands in double quotes)',
    ]);
    expect(fault('name', '"a"b')).toEqual(['b', 'stands right after a closing quote']);
  });

  it('reads one of the words of the row', () => {
    const words = ['simple', 'relaxed'];
    expect(value('enum', 'simple', words)).toEqual({ kind: 'text', value: 'simple' });
    expect(read('enum', 'Relaxed', words)).toMatchObject({ value: { value: 'relaxed' }, warnings: [{}] });
    expect(fault('enum', 'strict', words)).toEqual(['strict', 'is not simple or relaxed']);
    expect(fault('enum', 'x', ['a', 'b', 'c'])).toEqual(['x', 'is not a, b or c']);
  });

  it('reads a certificate and its pass phrase', () => {
    expect(value('path-secret', '/etc/pmta/smtp.pem "pass word"')).toEqual({
      kind: 'path-secret',
      path: '/etc/pmta/smtp.pem',
      secret: 'pass word',
    });
    expect(value('path-secret', '/etc/pmta/smtp.pem')).toEqual({ kind: 'path-secret', path: '/etc/pmta/smtp.pem' });
    expect(value('path-secret', '"/a b.pem" x y')).toEqual({ kind: 'path-secret', path: '/a b.pem', secret: 'x y' });
    expect(value('path-secret', '""')).toEqual({ kind: 'path-secret', path: '' });
  });

  it('reads privacy policies and points at the method only (M5 3.3.11.16)', () => {
    expect(value('privacy-policy', 'retain')).toEqual({ kind: 'privacy-policy', method: 'retain' });
    expect(value('privacy-policy', 'siphash "k y"')).toEqual({
      kind: 'privacy-policy',
      method: 'siphash',
      secret: 'k y',
    });
    expect(fault('privacy-policy', 'md5 hunter2')[0]).toBe('md5');
    expect(fault('privacy-policy', 'siphash')).toEqual(['siphash', 'has no key behind it']);
  });

  it('reads two directories', () => {
    expect(value('path-pair', '/in /bad')).toEqual({ kind: 'path-pair', first: '/in', second: '/bad' });
    expect(fault('path-pair', '/in')).toEqual(['/in', 'is not two directories']);
  });

  it('takes the quotes off the argument of a tag', () => {
    expect(value('tag', '"c:\\my stuff\\a.exe"')).toEqual({ kind: 'tag', argument: 'c:\\my stuff\\a.exe' });
    expect(value('tag', '|prog "a" b')).toEqual({ kind: 'tag', argument: '|prog "a" b' });
    expect(value('tag', '')).toEqual({ kind: 'tag', argument: '' });
  });

  it.each(KINDS.filter((kind) => kind !== 'tag' && kind !== 'pattern-result'))(
    'says so when %s has no value',
    (kind) => {
      expect(read(kind, '')).toEqual({
        value: { kind: 'error', reason: 'has no value', start: 0, end: 0 },
        warnings: [],
      });
      expect(read(kind, ' \t').value).toMatchObject({ reason: 'has no value' });
    },
  );
});

describe('lists', () => {
  it('reads commas with and without blanks', () => {
    expect(value('list', 'A, B ,C')).toEqual({ kind: 'list', values: ['A', 'B', 'C'] });
    expect(value('email-list', 'a@ops.test,b@ops.test')).toEqual({
      kind: 'list',
      values: ['a@ops.test', 'b@ops.test'],
    });
    expect(value('email-list', '"a@x.test,b@x.test"')).toEqual({ kind: 'list', values: ['a@x.test', 'b@x.test'] });
    expect(value('list', '""')).toEqual({ kind: 'list', values: [] });
    expect(value('list', '!*/test,*/*')).toEqual({ kind: 'list', values: ['!*/test', '*/*'] });
  });

  it('accepts blanks in the place of commas, and empty items', () => {
    expect(tolerated('list', 'A B').value).toEqual({ kind: 'list', values: ['A', 'B'] });
    expect(tolerated('list', 'A,,B').value).toEqual({ kind: 'list', values: ['A', 'B'] });
    expect(tolerated('list', 'A,B,').value).toEqual({ kind: 'list', values: ['A', 'B'] });
  });

  it('keeps patterns whole (M5 3.3.10.27)', () => {
    const raw = String.raw`Feedback-ID, /^X-(Track|A,B) \/x/ ,X`;
    expect(value('list', raw)).toEqual({
      kind: 'list',
      values: ['Feedback-ID', String.raw`/^X-(Track|A,B) \/x/`, 'X'],
    });
  });

  it('reads record types in either spelling (M5 3.3.11.11)', () => {
    expect(value('record-types', 'd, b')).toEqual({ kind: 'list', values: ['d', 'b'] });
    expect(value('record-types', 'delivery,transient-queue,feedback-loop,rb')).toMatchObject({
      values: ['d', 'tq', 'f', 'rb'],
    });
    expect(value('record-types', '""')).toEqual({ kind: 'list', values: [] });
    expect(tolerated('record-types', 'd b').value).toEqual({ kind: 'list', values: ['d', 'b'] });
    expect(fault('record-types', 'd,x')).toEqual(['x', 'is not a record type such as d or b']);
  });

  it('reads the fields of a record type (M5 3.3.11.12)', () => {
    expect(value('record-fields', 'd *,!orcpt,header_Message-Id')).toEqual({
      kind: 'record-fields',
      types: ['d'],
      fields: ['*', '!orcpt', 'header_Message-Id'],
    });
    expect(value('record-fields', 'f *, header_x')).toMatchObject({ types: ['f'], fields: ['*', 'header_x'] });
    expect(value('record-fields', 'b timeLogged,rcpt')).toMatchObject({ types: ['b'], fields: ['timeLogged', 'rcpt'] });
    expect(tolerated('record-fields', 'd,b *').value).toMatchObject({ types: ['d', 'b'], fields: ['*'] });
    expect(tolerated('record-fields', 'd orig rcpt').value).toMatchObject({ fields: ['orig', 'rcpt'] });
    expect(fault('record-fields', '* d')).toEqual(['*', 'is not a record type such as d or b']);
    expect(fault('record-fields', 'd')).toEqual(['d', 'names no fields']);
  });

  it('reads map-header-to-field (M5 3.3.11.10)', () => {
    expect(value('map-header', 'fbl header_X-Job jobId')).toEqual({
      kind: 'map-header',
      type: 'f',
      header: 'header_X-Job',
      field: 'jobId',
    });
    expect(fault('map-header', 'f X-Job jobId')).toEqual(['X-Job', 'is not header_NAME']);
    expect(fault('map-header', 'f header_X')[1]).toBe('is not RECORD-TYPE header_NAME FIELD');
  });

  it('reads DKIM keys (M5 3.3.1.33.1)', () => {
    const key = { kind: 'domain-key', selector: 's1', domain: 'example.net', file: '/etc/s1.pem' };
    expect(value('domain-key', 's1, Example.net, /etc/s1.pem')).toEqual(key);
    expect(value('domain-key', 's1,example.net,/etc/s1.pem')).toEqual(key);
    expect(value('domain-key', 'esp,*,"/etc/my key.pem"')).toMatchObject({ domain: '*', file: '/etc/my key.pem' });
    for (const raw of ['s1 example.net /k', 's1,example.net', 's1,,/k', 's1,example.net,']) {
      expect(fault('domain-key', raw)[1]).toBe('is not SELECTOR,DOMAIN,FILE');
    }
    expect(fault('domain-key', 's1,d.test,/k,x')).toEqual(['x', 'is not expected here']);
  });

  it('reads macros (M5 3.3.1.33.4)', () => {
    const west = ['com', 'co.uk', '$west', '.org'];
    expect(value('domain-macro', 'cc com, CO.uk, $west,.org')).toEqual({
      kind: 'domain-macro',
      name: 'cc',
      values: west,
    });
    expect(value('domain-macro', 'orange')).toEqual({ kind: 'domain-macro', name: 'orange', values: [] });
    expect(tolerated('domain-macro', 'x a.test,b.test,').value).toMatchObject({ values: ['a.test', 'b.test'] });
    expect(fault('domain-macro', 'local-domains a.test')).toEqual([
      'local-domains',
      'is not a macro name of letters, digits and _',
    ]);
  });

  it('reads aliases (M5 12.9)', () => {
    expect(value('alias', 'info@shop.test desk@corp.test,archive@corp.test')).toEqual({
      kind: 'alias',
      from: 'info@shop.test',
      targets: ['desk@corp.test', 'archive@corp.test'],
    });
    expect(fault('alias', '*@old.test')).toEqual(['*@old.test', 'has no address behind it to forward to']);
  });

  it('reads domain patterns (M5 3.2)', () => {
    for (const raw of ['*', 'example.com', '*.example.com', '[*.]example.com', '[192.0.2.0/24]', 'münchen.example']) {
      expect(value('domain-pattern', raw)).toEqual({ kind: 'text', value: raw });
    }
    expect(value('domain-pattern', 'Example.COM')).toEqual({ kind: 'text', value: 'example.com' });
    for (const raw of ['*example.com', '$macro', 'a@b.test', "x'or'y", '[*]x.test', '*.']) {
      expect(fault('domain-pattern', raw)[0]).toBe(raw);
    }
  });

  it('reads limits and roll-ups by MX (M5 3.3.1.38.1, 10.17)', () => {
    expect(value('mx-limit', '*.cloud.test 20')).toEqual({ kind: 'mx-limit', pattern: '*.cloud.test', limit: 20 });
    expect(value('mx-rollup', 'mx1.filter.test Filter.rollup')).toEqual({
      kind: 'mx-rollup',
      pattern: 'mx1.filter.test',
      queue: 'filter.rollup',
      byIp: false,
    });
    expect(value('mx-rollup', '*.shared.test shared.rollup rollup-by-ip')).toMatchObject({ byIp: true });
    expect(tolerated('mx-rollup', 'mx.test filter.queue').value).toMatchObject({ queue: 'filter.queue' });
    expect(fault('mx-rollup', 'mx.test a.rollup by-ip')).toEqual(['by-ip', 'is not rollup-by-ip']);
    expect(fault('mx-limit', 'mx.test many')).toEqual(['many', 'is not a whole number']);
  });

  it('reads rewriting rules (M5 3.3.18)', () => {
    const rule = { kind: 'rewrite', from: '*@shop.test', to: '*@bounces.shop.test' };
    expect(value('address-rewrite', '*@shop.test *@bounces.shop.test')).toEqual(rule);
    expect(value('address-rewrite', '<> noreply@shop.test')).toMatchObject({ from: '<>', to: 'noreply@shop.test' });
    expect(value('domain-rewrite', '*.shop.test shop.test')).toEqual({
      kind: 'rewrite',
      from: '*.shop.test',
      to: 'shop.test',
    });
    expect(fault('address-rewrite', '<> *@shop.test')[0]).toBe('*@shop.test');
    expect(fault('address-rewrite', 'shop.test a@b.test')[0]).toBe('shop.test');
    expect(fault('domain-rewrite', '*.shop.test')[1]).toBe('is not DOMAIN-PATTERN DOMAIN');
  });
});

describe('patterns', () => {
  it('reads bounce categories (M5 10.8)', () => {
    expect(value('category-pattern', '/no such (user|mailbox)/ bad-mailbox')).toEqual({
      kind: 'category-pattern',
      regex: { pattern: 'no such (user|mailbox)' },
      category: 'bad-mailbox',
    });
    expect(value('category-pattern', '//   other')).toMatchObject({ regex: { pattern: '' }, category: 'other' });
    expect(value('category-pattern', String.raw`/a\/b\\\/\.c/ x`)).toMatchObject({
      regex: { pattern: String.raw`a/b\\/\.c` },
    });
    expect(value('category-pattern', '/a\nb/ x')).toMatchObject({ regex: { pattern: 'a\nb' } });
  });

  it.each([
    ['/open other', '/open other', 'has no closing slash (a # begins a comment even in a pattern: write \\x23)'],
    ['/escaped\\/', '/escaped\\/', 'has no closing slash (a # begins a comment even in a pattern: write \\x23)'],
    ['/user unknown/', '/user unknown/', 'has no category behind it, such as bad-mailbox'],
    ['/x/i other', 'i', 'stands right after the closing slash (a slash in a pattern is written \\/)'],
    ['/x/ bad mailbox', 'mailbox', 'is not expected here'],
    ['user unknown', 'user', 'is not a pattern between slashes, such as /user unknown/'],
  ])('refuses %s', (raw, wrong, reason) => {
    expect(fault('category-pattern', raw)).toEqual([wrong, reason]);
  });

  it('reads replies with their actions (M5 3.3.15)', () => {
    expect(value('reply', '/too many/ mode=backoff')).toEqual({
      kind: 'reply',
      regex: { pattern: 'too many' },
      actions: [{ action: 'mode-backoff' }],
    });
    const raw = String.raw`/^421 .*rate \x23\d+/   mode=backoff, disable-source-ip ,reenable-after=2h`;
    expect(value('reply', raw)).toEqual({
      kind: 'reply',
      regex: { pattern: String.raw`^421 .*rate \x23\d+` },
      actions: [
        { action: 'mode-backoff' },
        { action: 'disable-source-ip' },
        { action: 'reenable-after', seconds: 7200 },
      ],
    });
    expect(value('reply', '/x/ backoff-to-normal-after=30m,mode=backoff')).toMatchObject({
      actions: [{ action: 'backoff-to-normal-after', seconds: 1800 }, { action: 'mode-backoff' }],
    });
    for (const action of ['mode=normal', 'skip-mx', 'bounce-queue', 'bounce-rcpt', 'defer-queue']) {
      expect(value('reply', `/x/ ${action}`)).toMatchObject({ actions: [{ action: action.replace('=', '-') }] });
    }
  });

  it.each([
    ['/x/', '/x/', 'has no action behind it, such as mode=backoff'],
    ['/x/ mode=backoff,mode=normal', 'mode=normal', 'contradicts the other mode= before it'],
    ['/x/ skip-mx,bounce-queue', 'bounce-queue', 'cannot stand together with skip-mx'],
    ['/x/ bounce-queue,skip-mx', 'skip-mx', 'cannot stand together with bounce-queue'],
    ['/x/ reenable-after=1h', 'reenable-after=1h', 'has an effect only behind disable-source-ip'],
    ['/x/ disable-source-ip,reenable-after=1h,reenable-after=2h', 'reenable-after=2h', 'is given twice'],
    [
      '/x/ disable-source-ip,reenable-after=soon',
      'reenable-after=soon',
      'does not have an interval such as 2h behind its =',
    ],
    ['/x/ skip-mx,backoff-to-normal-after=1h', 'backoff-to-normal-after=1h', 'has an effect only with mode=backoff'],
    ['/x/ mode=slow', 'mode=slow', 'is not mode=backoff or mode=normal'],
    ['/x/ bounce', 'bounce', 'is not an action that PowerMTA knows'],
    ['/x/ mode=backoff,', '/x/ mode=backoff,', 'has an empty item in its list'],
    [
      '/x mode=backoff',
      '/x mode=backoff',
      'has no closing slash (a # begins a comment even in a pattern: write \\x23)',
    ],
  ])('refuses reply %s', (raw, wrong, reason) => {
    expect(fault('reply', raw)).toEqual([wrong, reason]);
  });

  it('reads the results of pattern lists (M5 3.3.14)', () => {
    expect(value('pattern', String.raw`/@vip\.test/ virtual-mta=v1,recipient-priority=90`)).toEqual({
      kind: 'pattern',
      regex: { pattern: String.raw`@vip\.test` },
      result: { virtualMta: 'v1', priority: 90 },
    });
    for (const raw of ['/x/ call-to:inner', '/x/ call-to: inner']) {
      expect(value('pattern', raw)).toMatchObject({ result: { callTo: 'inner' } });
    }
    expect(value('pattern', '/x/ recipient-priority=0')).toMatchObject({ result: { priority: 0 } });
    expect(value('pattern', '/x/ recipient-priority=100')).toMatchObject({ result: { priority: 100 } });
    expect(value('pattern', '/x/')).toEqual({ kind: 'pattern', regex: { pattern: 'x' }, result: {} });
    expect(value('pattern-result', 'virtual-mta=v2')).toEqual({ kind: 'pattern', result: { virtualMta: 'v2' } });
    expect(value('pattern-result', '')).toEqual({ kind: 'pattern', result: {} });
  });

  it.each([
    ['/x/ recipient-priority=101', 'recipient-priority=101', 'is not a priority from 0 to 100'],
    ['/x/ recipient-priority=-1', 'recipient-priority=-1', 'is not a priority from 0 to 100'],
    ['/x/ v1', 'v1', 'is not virtual-mta=NAME, recipient-priority=N or call-to:LIST'],
    ['/x/ virtual-mta=', 'virtual-mta=', 'is not virtual-mta=NAME, recipient-priority=N or call-to:LIST'],
    ['/x/ virtual-mta=a,virtual-mta=b', 'virtual-mta=b', 'is given twice'],
    ['@vip.test virtual-mta=v1', '@vip.test', 'is not a pattern between slashes, such as /user unknown/'],
  ])('refuses %s', (raw, wrong, reason) => {
    expect(fault('pattern', raw)).toEqual([wrong, reason]);
  });

  it('reads patterns on headers (M5 3.3.14.1)', () => {
    expect(value('header-pattern', String.raw`x-stream /^\s*bulk/ virtual-mta=pool-a`)).toEqual({
      kind: 'pattern',
      header: 'x-stream',
      regex: { pattern: String.raw`^\s*bulk` },
      result: { virtualMta: 'pool-a' },
    });
    expect(fault('header-pattern', '/bulk/ virtual-mta=v1')).toEqual([
      '/bulk/',
      'has no header name before its pattern',
    ]);
    expect(fault('header-pattern', 'x-stream')).toEqual(['x-stream', 'has no pattern behind it, such as /bulk/']);
  });

  it('reads an address or a pattern', () => {
    expect(value('regex-or-text', String.raw`/^fbl\+.*@example\.net$/`)).toEqual({
      kind: 'regex-or-text',
      regex: { pattern: String.raw`^fbl\+.*@example\.net$` },
    });
    expect(value('regex-or-text', 'postmaster')).toEqual({ kind: 'regex-or-text', text: 'postmaster' });
    expect(fault('regex-or-text', '/x/ y')).toEqual(['y', 'is not expected here']);
  });
});

describe('readValue on anything', () => {
  const alphabet = [
    ...'ab01 ,;:=/\\"*.@<>[]{}$!-_#\t\n',
    'd',
    'h',
    'm',
    's',
    'k',
    'never',
    'unlimited',
    'yes',
    'virtual-mta=',
    '10/8',
    '::1',
    'é',
    '\u0000',
    '\ud800',
    '__proto__',
  ];
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...alphabet), { maxLength: 30 }).map((parts) => parts.join('')),
  );

  it.each(KINDS)('gives a value or a fault in range for every text as %s', (kind) => {
    fc.assert(
      fc.property(texts, (raw) => {
        const { value, warnings } = read(kind, raw, ['yes', 'no']);
        for (const { reason } of warnings) expect(reason).toMatch(/^[a-z]/);
        if (value.kind !== 'error') return;
        expect(value.reason).toMatch(/^[a-z]/);
        expect(value.start).toBeGreaterThanOrEqual(0);
        expect(value.end).toBeGreaterThanOrEqual(value.start);
        expect(value.end).toBeLessThanOrEqual(raw.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not care how much white space stands around the text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), texts, (kind, raw) => {
        const bare = read(kind, raw.trim(), ['yes']);
        const padded = read(kind, `  ${raw.trim()} \t`, ['yes']);
        if (bare.value.kind === 'error') expect(padded.value.kind).toBe('error');
        else expect(padded).toEqual(bare);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    const long = 100_000;
    const started = performance.now();
    for (const kind of KINDS) {
      for (const raw of [
        'a'.repeat(long),
        '/'.repeat(long),
        'a,'.repeat(long / 2),
        '"'.repeat(long),
        '1d'.repeat(long / 2),
        `${' '.repeat(long)}x`,
      ]) {
        read(kind, raw);
      }
    }
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
