import type { DirectiveRow, Scope, ValueKind } from '../../src/directives/row';
import { DIRECTIVES } from '../../src/directives/table';

/** A place of the input where a value can stand: a directive or tag, and where in its text. */
export interface RowPosition {
  readonly name: string;
  readonly row: DirectiveRow;
  /** A configuration with the text in this place. */
  readonly config: (text: string) => string;
}

/** Where a text can stand in a value of the kind (`§`). Kinds without an own form take a text alone. */
const FORMS: Readonly<Partial<Record<ValueKind, readonly string[]>>> = {
  'address-rewrite': ['*@§ *@b.example', '*@a.example *@§'],
  alias: ['§ to ops@shop.example', 'sales to §'],
  'category-pattern': ['/§/ bad-mailbox', '/x/ §'],
  'cidr-data-rate': ['§ 1M/s', '10/8 §'],
  'cidr-int': ['§ 4', '10/8 §'],
  'cidr-rate': ['§ 4/m', '10/8 §'],
  'domain-key': ['§,shop.example,/etc/pmta/k.pem', 's,§,/etc/pmta/k.pem', 's,shop.example,/etc/pmta/§'],
  'domain-macro': ['§ a.example', 'm9 §,a.example'],
  'domain-rewrite': ['§ b.example', 'a.example §'],
  'header-pattern': ['§ /x/ virtual-mta=v1', 'subject /§/ virtual-mta=v1', 'subject /x/ virtual-mta=§'],
  'host-list': ['§', '[§]:25', 'a.example,§'],
  'http-access': ['§ admin', '10/8 §'],
  listener: ['§', '0.0.0.0:26 source=§'],
  'map-header': ['§ header_X jobId', 'd header_§ jobId'],
  'mx-limit': ['§ 7', '*.mx.example §'],
  'mx-rollup': ['§ big.rollup', '*.mx.example §.rollup'],
  'path-pair': ['§ /b', '/a §'],
  'path-secret': ['§', '/etc/pmta/c.pem §'],
  pattern: ['/§/ virtual-mta=v1', '/x/ virtual-mta=§'],
  'pattern-result': ['virtual-mta=§'],
  'privacy-policy': ['§', 'siphash §'],
  'proxy-client': ['§ p.example', '192.0.2.41 §'],
  'proxy-source-host': ['192.0.2.5 192.0.2.40:5000 192.0.2.41 §', '§ 192.0.2.40:5000 192.0.2.41 p.example'],
  'record-fields': ['d timeLogged,§', 'd header_§'],
  reply: ['/§/ mode=backoff', '/x/ §'],
  'source-host': ['§ h.example', '192.0.2.33 §'],
};

const HEAD =
  'host-name mta.example.com\nsmtp-listener 0.0.0.0:25\n<source 10.0.0.0/8>\nalways-allow-relaying yes\nprocess-x-virtual-mta yes\n</source>\n' +
  '<virtual-mta v1>\nsmtp-source-host 192.0.2.1 a.example.com\n</virtual-mta>\n';

/** What a block needs so that a line in it counts. */
const AROUND: Readonly<Partial<Record<Scope, readonly [open: string, beside: string]>>> = {
  'acct-file': ['<acct-file /var/log/a.csv>', 'records d'],
  domain: ['<domain d.example>', 'max-smtp-out 3'],
  'smtp-user': ['<smtp-user bob>', 'password x'],
  source: ['<source 192.0.2.0/24>', 'always-allow-relaying yes'],
  spool: ['<spool /var/spool/pmta>', 'deliver-only no'],
  'virtual-mta': ['<virtual-mta v2>', 'smtp-source-host 192.0.2.2 b.example.com'],
  'virtual-mta-pool': ['<virtual-mta-pool p1>', 'virtual-mta v1'],
  'pattern-list': ['<pattern-list pl>', 'rcpt-to /z/ virtual-mta=v1'],
  'smtp-pattern-list': ['<smtp-pattern-list sp>', 'reply /z/ mode=backoff'],
};

/** Lines behind the block, that make its name count. */
const USED =
  '<source 198.51.100.0/24>\npattern-list pl\n</source>\n<domain u.example>\nsmtp-pattern-list sp\nbackoff-max-msg-rate 3/h\n</domain>\n';

function inScope(scope: Scope, lines: string): string {
  if (scope === 'global') return lines;
  const [open, beside] = AROUND[scope] ?? [`<${scope} a>`, ''];
  return `${open}\n${beside}\n${lines}\n</${scope}>\n${USED}`;
}

function positionsOf(row: DirectiveRow): readonly RowPosition[] {
  const title = `${row.name} in ${row.scope}`;
  if (row.tag === true) {
    const tag = row.name.slice(1, -1);
    const beside = AROUND[tag as Scope]?.[1] ?? 'max-smtp-out 3';
    const config = (text: string) => `${HEAD}${inScope(row.scope, `<${tag} ${text}>\n${beside}\n</${tag}>`)}\n`;
    return [{ name: title, row, config }];
  }
  return (FORMS[row.value] ?? ['§']).map((form) => ({
    name: form === '§' ? title : `${title}, as ${form}`,
    row,
    config: (text) => `${HEAD}${inScope(row.scope, `${row.name} ${form.replace('§', () => text)}`)}\n`,
  }));
}

/** Every row of the directive table, with every place in its value where a text can stand. */
export const ROW_POSITIONS: readonly RowPosition[] = DIRECTIVES.filter(({ name }) => name !== 'include').flatMap(
  positionsOf,
);
