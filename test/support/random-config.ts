import fc from 'fast-check';
import type { DirectiveRow, ValueKind } from '../../src/directives/row';
import { DIRECTIVES } from '../../src/directives/table';
import { quoted, VALUES } from './hostile-values';

/** Values that a directive of the kind may have, and some at the edge. */
const GOOD: Readonly<Record<ValueKind, readonly string[]>> = {
  'address-rewrite': ['*@a.example *@b.example'],
  alias: ['sales to ops@shop.example'],
  bool: ['yes', 'no', 'true', 'false'],
  'bool-or-interval': ['yes', '4h'],
  'category-pattern': ['/user unknown/ bad-mailbox', '// other', '/a(?=b)/ x'],
  cidr: ['192.0.2.0/24', '10/8', '0/0', '::/0'],
  'cidr-data-rate': ['10/8 1M/s'],
  'cidr-int': ['192.0.2.0/24 4'],
  'cidr-rate': ['10/8 4/m'],
  'cold-virtual-mta': ['v2'],
  'daily-rates': ['10/d,20/d'],
  'data-rate': ['1M/s'],
  'domain-key': ['s1,shop.example,/etc/pmta/k.pem', 's2,*,/etc/pmta/k2.pem', 's1,a.shop.example,/k'],
  'domain-macro': ['m1 a.example,b.example', 'm2 $m1,c.example', 'm4 x.example'],
  'domain-pattern': ['shop.example', '*.shop.example', '[*.]a.example', '*'],
  'domain-rewrite': ['a.example b.example'],
  'email-list': ['ops@shop.example'],
  enum: ['yes'],
  'header-pattern': ['subject /hello/ virtual-mta=v1'],
  'host-list': ['[192.0.2.9]:25', 'relay.example,b.example', '192.0.2.9'],
  'http-access': ['192.0.2.9 monitor', '127.0.0.1 admin'],
  int: ['0', '1', '7', '9007199254740993'],
  'int-or-unlimited': ['0', '7', 'unlimited', '4294967296'],
  interval: ['0', '7m', '1d12h', '999999w'],
  'interval-or-never': ['7h', 'never'],
  intervals: ['7m', '7m,14m,1h', '1s,0s'],
  ip: ['192.0.2.7', '::1'],
  list: ['Subject', 'a,b', 'sp', 'v1'],
  listener: ['0.0.0.0:25', '[::]:26', '127.0.0.1:2525 source=s2', '0/0:587 tls=yes'],
  'map-header': ['d header_X-Job jobId'],
  'mx-limit': ['*.mx.example 7'],
  'mx-rollup': ['*.mx.example big.rollup', 'mx.b.example b.rollup'],
  name: ['v1', 'v2', 'p1', 'sp', 'pl', 's2', 'by-smtp-source-ip', 'X-Job', 'shop.example', '{default}'],
  path: ['/etc/pmta/file', '/var/x'],
  'path-pair': ['/a /b'],
  'path-secret': ['/etc/pmta/c.pem', '/etc/pmta/c.pem "pass"'],
  pattern: ['/@shop/ virtual-mta=v1', '/x/ virtual-mta=p1'],
  port: ['0', '25', '65535', '100000'],
  'pattern-result': ['virtual-mta=v2'],
  'privacy-policy': ['redact', 'siphash "k"'],
  'proxy-client': ['192.0.2.41 p.example'],
  'proxy-source-host': ['192.0.2.5 192.0.2.40:5000 192.0.2.41 p.example'],
  rate: ['70/h', '1/s', '10/15m', 'unlimited', '0', '99999999999/s'],
  'record-fields': ['d timeLogged,rcpt', '*'],
  'record-types': ['d', 'd,b,t'],
  'regex-or-text': ['/@shop/', 'ops@shop.example'],
  reply: [
    '/busy/ mode=backoff',
    '/ok/ mode=normal',
    '/4.*(a|b)+/ skip-mx',
    '/x/ bounce-queue',
    '/y/ disable-source-ip',
  ],
  secret: ['secret'],
  signals: ['yes'],
  size: ['7M', '0', 'unlimited', '1024', '99999999G'],
  'source-host': ['192.0.2.33 h.example', '192.0.2.34', '10.1.0.0/30 r.example'],
  tag: ['a'],
  text: ['"some text"', 'DEFAULT', '""'],
};

/** Arguments of the blocks that are tried; few, so that they meet each other. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  'acct-file': ['/var/log/a.csv', '|/bin/x'],
  'bounce-category-patterns': [''],
  domain: ['*', 'd.example', '*.d.example', '[*.]d.example', '$m1', 'x.$m2', '{sparkpost}', 'gmail.com', 'big.rollup'],
  'mx-rollup-list': [''],
  'pattern-list': ['pl'],
  'smtp-listener': ['0.0.0.0:2526'],
  'smtp-pattern-list': ['sp', 'sp2'],
  'smtp-user': ['bob', 'b"ob', 'eve'],
  source: ['10/8', '0/0', '192.0.2.1', 's2', '{auth}', '127.0.0.1'],
  spool: ['/var/spool/pmta', '/s2'],
  'virtual-mta': ['v1', 'v2', 'V1', 'v3'],
  'virtual-mta-pool': ['p1', 'p2'],
};

const BROKEN: readonly string[] = [
  '<domain',
  '</domain>',
  '</virtual-mta>',
  '<',
  '<>',
  'x "',
  '/',
  '# c',
  'include nowhere',
  'smtp-source-host',
  'max-smtp-out "3',
  '<x y>',
];

const SETTINGS = DIRECTIVES.filter((row) => row.tag !== true && row.name !== 'include');

const hostile = fc.constantFrom(...VALUES.filter((value) => value.length < 100));

function lineOf({ name, value, words }: DirectiveRow): fc.Arbitrary<string> {
  const good = words ?? GOOD[value];
  const text = fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom('"', '7', 'yes', '192.0.2.1', 'd.example', '/x/ y') },
    { weight: 1, arbitrary: hostile },
    { weight: 1, arbitrary: hostile.map(quoted) },
  );
  return text.map((own) => `${name} ${own}`);
}

function lineIn(scope: string): fc.Arbitrary<string> {
  const own = SETTINGS.filter((row) => row.scope === scope);
  return fc.oneof(
    { weight: 120, arbitrary: fc.constantFrom(...own).chain(lineOf) },
    { weight: 1, arbitrary: fc.constantFrom(...SETTINGS).chain(lineOf) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  );
}

function blockOf(scope: string, line: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const lines = fc.array(line, { maxLength: 6 });
  return fc
    .tuple(fc.constantFrom(...(BLOCKS[scope] ?? [''])), lines)
    .map(([argument, inner]) => [`<${`${scope} ${argument}`.trim()}>`, ...inner, `</${scope}>`].join('\n'));
}

const domain = blockOf('domain', lineIn('domain'));
const block = fc.constantFrom(...Object.keys(BLOCKS)).chain((scope) => {
  const line = lineIn(scope);
  if (scope !== 'virtual-mta' && scope !== 'virtual-mta-pool') return blockOf(scope, line);
  return blockOf(scope, fc.oneof({ weight: 3, arbitrary: line }, { weight: 1, arbitrary: domain }));
});

function configOf(most: number): fc.Arbitrary<string> {
  const item = fc.oneof({ weight: 2, arbitrary: lineIn('global') }, { weight: 3, arbitrary: block });
  return fc
    .array(item, { minLength: 1, maxLength: most })
    .map((items) =>
      [
        'host-name mta.example.com',
        'smtp-listener 0.0.0.0:25',
        'domain-macro m1 a.example',
        'domain-macro m2 $m1,c.example',
        ...items,
        '',
      ].join('\n'),
    );
}

/** Texts made of PowerMTA's directives, mostly with values and in places that fit them. */
export const randomConfig: fc.Arbitrary<string> = configOf(10);

/** The same, with less in each. */
export const smallConfig: fc.Arbitrary<string> = configOf(5);
