import type { DirectiveRow, Scope, ValueKind } from '../../src/directives/row';
import { convertText } from './converted';

/** Values to try for each kind; a directive counts as converted when one of them is. */
const VALUES: Readonly<Record<ValueKind, readonly string[]>> = {
  'address-rewrite': ['*@a.test *@b.test'],
  alias: ['sales to ops@shop.test'],
  bool: ['yes', 'no'],
  'bool-or-interval': ['yes', 'no', '4h'],
  'category-pattern': ['/user unknown/ bad-mailbox'],
  cidr: ['192.0.2.0/24'],
  'cidr-data-rate': ['192.0.2.0/24 1M/s'],
  'cidr-int': ['192.0.2.0/24 4'],
  'cidr-rate': ['192.0.2.0/24 4/m'],
  'cold-virtual-mta': ['v2'],
  'daily-rates': ['10/d,20/d'],
  'data-rate': ['1M/s'],
  'domain-key': ['s1,shop.test,/etc/pmta/k.pem'],
  'domain-macro': ['big big1.test,big2.test'],
  'domain-pattern': ['shop.test', '*.shop.test'],
  'domain-rewrite': ['a.test b.test'],
  'email-list': ['ops@shop.test'],
  enum: [],
  'header-pattern': ['subject /hello/ virtual-mta=v1'],
  'host-list': ['[192.0.2.9]:25', 'relay.test'],
  'http-access': ['192.0.2.9 monitor', '127.0.0.1 admin'],
  int: ['7'],
  'int-or-unlimited': ['7', 'unlimited'],
  interval: ['7m'],
  'interval-or-never': ['7h', 'never'],
  intervals: ['7m', '7m,14m'],
  ip: ['192.0.2.7'],
  list: ['Subject', 'd.test/v1', 'px', 'al'],
  listener: ['0.0.0.0:2525'],
  'map-header': ['d header_X-Job jobId'],
  'mx-limit': ['*.mx.test 7'],
  'mx-rollup': ['*.mx.test big.rollup'],
  name: ['v2', 'p1', 'pl', 'rl', 'shop.test', 'X-Something', 'http://127.0.0.1:8080/', 's2'],
  path: ['/etc/pmta/some-file', '/in/other'],
  'path-pair': ['/a /b'],
  'path-secret': ['/etc/pmta/cert.pem', '/etc/pmta/cert.pem secret'],
  pattern: ['/@shop/ virtual-mta=v1'],
  port: ['7'],
  'pattern-result': ['virtual-mta=v1'],
  'privacy-policy': ['redact'],
  'proxy-client': ['192.0.2.41 p.test'],
  'proxy-source-host': ['192.0.2.5 192.0.2.40:5000 192.0.2.41 p.test'],
  rate: ['70/h'],
  'record-fields': ['d timeLogged,rcpt', '*'],
  'record-types': ['d', 'd,b,t'],
  'regex-or-text': ['/@shop/', 'ops@shop.test'],
  reply: ['/busy/ mode=backoff'],
  secret: ['secret'],
  signals: ['yes'],
  size: ['7M'],
  'source-host': ['192.0.2.33 h.test'],
  tag: [],
  text: ['"some text"', 'DEFAULT'],
};

/** What a tag is opened with, and a line that may stand in it; by scope. */
const BLOCKS: Readonly<Record<string, readonly [argument: string, line: string]>> = {
  'acct-file': ['/var/log/pmta/a.csv', 'records d'],
  'address-list': ['al', 'domain fbl.test'],
  aliases: ['', 'sales to ops@shop.test'],
  'bounce-category-patterns': ['', '/user unknown/ bad-mailbox'],
  'bounce-processor': ['', 'deliver-unmatched-email no'],
  domain: ['d.test', 'max-smtp-out 3'],
  'domain-key-list': ['dk', 'domain-key s1,shop.test,/etc/pmta/k.pem'],
  'feedback-loop-processor': ['', 'deliver-unmatched-email no'],
  'mx-rollup-list': ['', 'mx *.mx.test big.rollup'],
  'pattern-list': ['pl', 'mail-from /@shop/ virtual-mta=v1'],
  proxy: ['px', 'server 192.0.2.40:5000\nclient 192.0.2.41 p.test'],
  'rewrite-list': ['rl', 'mail-from *@a.test *@b.test'],
  'smtp-listener': ['0.0.0.0:2526', 'source 10.0.0.1'],
  'smtp-pattern-list': ['sp', 'reply /slow down/ mode=backoff'],
  'smtp-user': ['bob', 'password secret'],
  source: ['10/8', 'always-allow-relaying yes'],
  spool: ['/var/spool/pmta', 'min-free-space 1G'],
  'suppression-list': ['al', 'address ops@shop.test'],
  'transmissions-api-listener': ['0.0.0.0:8025', 'tls-certificate /etc/pmta/cert.pem'],
  'virtual-mta': ['v1', 'smtp-source-host 192.0.2.1 a.test'],
  'virtual-mta-pool': ['p1', 'virtual-mta v1'],
};

/** What the probed line may refer to; the block that the probe itself opens is left out. */
const SURROUNDINGS: Partial<Record<Scope, string>> = {
  proxy: '<proxy px>\nserver 192.0.2.40:5000\nclient 192.0.2.41 p.test\n</proxy>\n',
  'address-list': '<address-list al>\ndomain fbl.test\n</address-list>\n',
  'smtp-pattern-list': '<smtp-pattern-list sp>\nreply /busy/ mode=backoff\n</smtp-pattern-list>\n',
  'pattern-list': '<pattern-list pl>\nmail-from /@shop/ virtual-mta=v2\n</pattern-list>\n',
  'rewrite-list': '<rewrite-list rl>\nmail-from *@a.test *@b.test\n</rewrite-list>\n',
  'virtual-mta-pool': '<virtual-mta-pool p1>\nvirtual-mta v2\n</virtual-mta-pool>\n',
};

/** Stands in every probe. */
const BASE = `host-name mta.test
smtp-listener 0.0.0.0:25
domain-macro big big1.test,big2.test
domain-key s0,other.test,/etc/pmta/o.pem
<virtual-mta v2>
smtp-source-host 192.0.2.2 b.test
use-proxy px
</virtual-mta>
<domain e.test>
smtp-pattern-list sp
dkim-sign yes
</domain>
`;

/** Lines beside the probed one, without which it asks for nothing. */
const BESIDE: Partial<Record<Scope, string>> = {
  domain: 'max-msg-rate 100/h\nsmtp-pattern-list sp\ndkim-sign yes\n',
  source: 'smtp-service yes\nalways-allow-relaying yes\nprocess-x-virtual-mta yes\npattern-list pl\n',
  'smtp-user': 'password secret\n',
  'virtual-mta': 'smtp-source-host 192.0.2.1 a.test\n',
  'virtual-mta-pool': 'virtual-mta v2\n',
  proxy: 'server 192.0.2.40:5000\nclient 192.0.2.41 p.test\n',
};

/** What became of a directive over all probes of it. */
export type Verdict = 'converted' | 'not converted' | 'invalid';

/**
 * Tries a row that is meant to convert with each of its values. `not converted`: some value was put off by the
 * leftovers pass and none converted. `invalid`: no probe was well-formed, so the probes say nothing.
 */
export function verdictOf(row: DirectiveRow): Verdict {
  const found = probesOf(row).flatMap((text) => {
    const { ledger } = convertText({ config: text, other: '# nothing\n' }).conversion;
    return ledger.entries().filter(({ setting }) => setting.name === row.name && setting.scope.kind === row.scope);
  });
  const valid = found.filter(({ outcome }) => outcome !== 'invalid' && outcome !== 'unknown');
  if (valid.length === 0) return 'invalid';
  if (valid.some(({ outcome }) => outcome === 'exact' || outcome === 'approximate')) return 'converted';
  const putOff = valid.some(({ notes }) => notes.some((note) => note.startsWith('Not converted by this version')));
  return putOff ? 'not converted' : 'converted';
}

/** A configuration for each value to try with a directive. */
export function probesOf({ name, scope, tag, words, value }: DirectiveRow): readonly string[] {
  if (tag === true) {
    const opened = name.slice(1, -1);
    const inner = scope === opened ? block(opened, '', 'inner') : block(opened, '');
    return [place(scope, inner, opened)];
  }
  return [...(words ?? []), ...VALUES[value]].map((text) => place(scope, `${name} ${text}`.trim()));
}

/** A configuration with the line in a block of the scope. */
function place(scope: Scope, line: string, opened?: string): string {
  const around = Object.entries(SURROUNDINGS).filter(([own]) => own !== scope && own !== opened);
  const own = scope === 'global' ? line : block(scope, `${BESIDE[scope] ?? ''}${line}`);
  return `${BASE}${around.map(([, text]) => text).join('')}${own}\n`;
}

function block(scope: string, lines: string, name?: string): string {
  const [argument, line] = BLOCKS[scope] ?? ['x', ''];
  return `<${`${scope} ${name ?? argument}`.trim()}>\n${lines === '' ? line : lines}\n</${scope}>`;
}
