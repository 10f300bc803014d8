/** Places where a value of the input can stand, and values that want to be something else than a value. */

/** A configuration with `value` in one place. */
export interface Position {
  readonly name: string;
  readonly config: (value: string) => string;
  /** The value has to come out as it is, as a string or key of the tree, unless something is said about it. */
  readonly lands?: true;
}

const HEAD = 'host-name mta.example.com\nsmtp-listener 0.0.0.0:25\n';
const CLIENTS = '<source 10.0.0.0/8>\nalways-allow-relaying yes\nprocess-x-virtual-mta yes\n</source>\n';
const KEY = 'domain-key s,d.example,/etc/pmta/k.pem\n';
const BACKOFF = '<domain *>\nsmtp-pattern-list l\nbackoff-max-msg-rate 3/h\n</domain>\n';

/** In double quotes; inside, the backslash escapes itself and the quote (M5 3.3.10.97.1). */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

/** Inside slashes: a slash is escaped, and a number sign would begin a comment (M5 3.3.15). */
function inSlashes(value: string): string {
  return `/${value.replaceAll('/', '\\/').replaceAll('#', '\\x23')}/`;
}

const block = (tag: string, argument: string, lines: string) =>
  `<${`${tag} ${argument}`.trim()}>\n${lines}\n</${tag}>\n`;
const top = (lines: string) => `${HEAD}${CLIENTS}${lines}\n`;
const virtualMta = (name: string, lines = '') =>
  block('virtual-mta', name, `smtp-source-host 192.0.2.1 a.example.com\n${lines}`);
const domain = (argument: string, lines: string) => block('domain', argument, lines);
const source = (argument: string, lines: string) =>
  `${HEAD}${block('source', argument, `always-allow-relaying yes\nprocess-x-virtual-mta yes\n${lines}`)}${virtualMta('v1')}`;
const user = (name: string, lines: string) =>
  top(block('smtp-user', name, lines) + block('source', '{auth}', 'always-allow-relaying yes'));
const signing = (keys: string, lines = '') => top(`${keys}${domain('*', `dkim-sign yes\n${lines}`)}`);
const reply = (regex: string) => top(`${block('smtp-pattern-list', 'l', `reply ${regex} mode=backoff`)}${BACKOFF}`);
const bounce = (line: string) => top(block('bounce-category-patterns', '', `${line}\n// other`));
const acctFile = (argument: string, lines: string) => top(block('acct-file', argument, `records d\n${lines}`));

const at = (name: string, config: Position['config']): Position => ({ name, config });
const lands = (name: string, config: Position['config']): Position => ({ name, config, lands: true });

export const POSITIONS: readonly Position[] = [
  at('host-name', (v) => top(`host-name ${quoted(v)}`)),
  lands('virtual-mta', (v) => top(virtualMta(quoted(v)))),
  at('virtual-mta, bare', (v) => top(virtualMta(v))),
  at('virtual-mta host-name', (v) => top(virtualMta('v1', `host-name ${quoted(v)}`))),
  lands('pool', (v) => top(`${virtualMta('v1')}${block('virtual-mta-pool', quoted(v), 'virtual-mta v1')}`)),
  lands('pool member', (v) =>
    top(`${virtualMta(quoted(v))}${block('virtual-mta-pool', 'p1', `virtual-mta ${quoted(v)}`)}`),
  ),
  at('domain', (v) => top(domain(quoted(v), 'max-smtp-out 3\nretry-after 7m'))),
  at('domain of a virtual-mta', (v) =>
    top(virtualMta('v1', domain(quoted(v), 'max-smtp-out 3\nretry-after 7m,9m\nmax-msg-rate 9/h'))),
  ),
  at('macro', (v) => top(`domain-macro ${v} a.example\n${domain(`$${v}`, 'max-smtp-out 3')}`)),
  at('macro value', (v) => top(`domain-macro m ${v}, b.example\n${domain('$m', 'max-smtp-out 3')}`)),
  at('source', (v) => `${source(quoted(v), 'max-message-size 7M')}smtp-listener 0.0.0.0:26 source=${quoted(v)}\n`),
  lands(
    'source of a user',
    (v) =>
      `${source(quoted(v), 'default-virtual-mta v1')}${block('smtp-user', 'u', `password pw\nsource ${quoted(v)}`)}`,
  ),
  lands('user', (v) => user(quoted(v), 'password pw')),
  lands('password', (v) => user('u', `password ${quoted(v)}`)),
  lands('password, bare', (v) => user('u', `password ${v}`)),
  lands(
    'default-virtual-mta',
    (v) => `${source('192.0.2.0/24', `default-virtual-mta ${quoted(v)}`)}${virtualMta(quoted(v))}`,
  ),
  lands(
    'invalid-virtual-mta-fallback',
    (v) =>
      `${source('192.0.2.0/24', `reject-invalid-virtual-mta no\ninvalid-virtual-mta-fallback ${quoted(v)}`)}${virtualMta(quoted(v))}`,
  ),
  lands('jobid-header', (v) => source('192.0.2.0/24', `jobid-header ${quoted(v)}`)),
  at('remove-header', (v) => source('192.0.2.0/24', `remove-header ${quoted(v)}`)),
  lands('EHLO name', (v) => top(block('virtual-mta', 'v1', `smtp-source-host 192.0.2.1 ${quoted(v)}`))),
  at('source address', (v) => top(block('virtual-mta', 'v1', `smtp-source-host ${quoted(v)} a.example.com`))),
  at('proxy', (v) => top(virtualMta('v1', `use-proxy ${quoted(v)}`))),
  lands('selector', (v) => signing(`domain-key ${v},d.example,/etc/pmta/k.pem\n`)),
  at('key domain', (v) => signing(`domain-key s,${v},/etc/pmta/k.pem\n`)),
  lands('key file', (v) => signing(`domain-key s,d.example,${v}\n`)),
  at('key of a virtual-mta', (v) =>
    top(`${virtualMta('v1', `domain-key s,d.example,/k/${v}`)}${domain('*', 'dkim-sign yes')}`),
  ),
  at('dkim-identity', (v) => signing(KEY, `dkim-identity ${quoted(v)}`)),
  at('dkim-headers', (v) => signing(KEY, `dkim-headers ${quoted(v)}`)),
  at('reply', (v) => reply(inSlashes(v))),
  at('reply, not escaped', (v) => reply(`/${v}/`)),
  at('smtp-pattern-list', (v) =>
    top(
      block('smtp-pattern-list', quoted(v), 'reply /x/ mode=backoff') +
        domain('*', `smtp-pattern-list ${quoted(v)}\nbackoff-max-msg-rate 3/h`),
    ),
  ),
  at('bounce pattern', (v) => bounce(`${inSlashes(v)} bad-mailbox`)),
  at('bounce category', (v) => bounce(`/x/ ${v}`)),
  at(
    'mail-from pattern',
    (v) =>
      `${source('192.0.2.0/24', 'pattern-list l')}${block('pattern-list', 'l', `mail-from ${inSlashes(v)} virtual-mta=v1`)}`,
  ),
  at(
    'header pattern',
    (v) => `${source('192.0.2.0/24', 'pattern-list l')}${block('pattern-list', 'l', `header ${v} /x/ virtual-mta=v1`)}`,
  ),
  at('queue-to', (v) => top(domain('d.example', `queue-to ${quoted(v)}`))),
  at('smtp-hosts', (v) => top(domain('d.example', `smtp-hosts ${quoted(v)}`))),
  lands('auth-username', (v) =>
    top(domain('d.example', `smtp-hosts [192.0.2.9]\nauth-username ${quoted(v)}\nauth-password pw`)),
  ),
  at('auth-password', (v) =>
    top(domain('d.example', `smtp-hosts [192.0.2.9]\nauth-username u\nauth-password ${quoted(v)}`)),
  ),
  at('relay-domain', (v) => top(`relay-domain ${quoted(v)}`)),
  at('relay-address', (v) => top(`relay-address ${quoted(v)}`)),
  at('spool', (v) => top(block('spool', quoted(v), 'deliver-only no'))),
  at('acct-file', (v) => acctFile(quoted(v), '')),
  at('program of an acct-file', (v) => acctFile(`|${v}`, '')),
  at('record-fields', (v) => acctFile('/a.csv', `record-fields d timeLogged,header_${v}`)),
  lands('certificate', (v) =>
    top(`smtp-server-tls-certificate ${quoted(v)}\n${block('source', '0/0', 'allow-starttls yes')}`),
  ),
  at('pass phrase', (v) => top(`smtp-server-tls-certificate /c.pem ${quoted(v)}`)),
  at('name-server', (v) => top(`name-server ${quoted(v)}`)),
  at('listener', (v) => top(`smtp-listener ${quoted(v)}`)),
  at('http-access', (v) => top(`http-mgmt-port 8080\nhttp-access ${quoted(v)} admin`)),
  at('alias', (v) => top(block('aliases', '', `alias ${v} to a@b.example`))),
  at('MX rollup', (v) => top(block('mx-rollup-list', '', `mx *.${v} x.rollup`) + domain('x.rollup', 'max-smtp-out 2'))),
  at('directive', (v) => top(`${v} 1`)),
  at('tag', (v) => top(block(v, 'a', 'max-smtp-out 1'))),
  at('include', (v) => top(`include ${quoted(v)}`)),
  at('number', (v) => top(domain('d.example', `max-smtp-out ${v}\nmax-msg-rate ${v}/h\nretry-after ${v}m`))),
  at('cold-virtual-mta', (v) => top(virtualMta('v1', `cold-virtual-mta ${quoted(v)}`))),
  at('backoff-reroute-to-virtual-mta', (v) =>
    top(domain('d.example', `backoff-max-msg-rate 1/h\nbackoff-reroute-to-virtual-mta ${quoted(v)}`)),
  ),
  at('comment', (v) => top(`# ${v}`)),
];

/** Leave a literal, a comment, a line or a template; call `pwned`. */
export const BREAKOUTS: readonly string[] = [
  "'.. pwned() ..'",
  '".. pwned() .."',
  "a'b",
  'a"b',
  ']] pwned() --[[',
  ']==] pwned() --[==[',
  "'''\npwned = 1",
  'a\n--]]\npwned()',
  'a\r\n[pwned]\nb = 1',
  'a\\',
  '{{{pwned}}}',
  '{{> pwned}}',
  '\0',
  ';os.execute("pwned")',
];

const OTHERS: readonly string[] = [
  '](javascript:pwned())',
  '![x](http://pwned.example/)',
  '<script>pwned()</script>',
  '\u001b[31mred\u001b[0m',
  '::error::pwned',
  '%0A::error::pwned',
  '``` \n# pwned',
  'a|b',
  '@everyone',
  '\u202epwned',
  '\u2028',
  '\u200b',
  '\ufeff',
  '\ud800',
  'é',
  '😀',
  '../../etc/pwned',
  '/',
  '..',
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  'toString',
  'default',
  'base',
  'source',
  'pool',
  'tenant',
  'provider',
  'automation',
  'mx_rollup',
  'rules',
  'unspecified',
  '{auth}',
  '{default}',
  '$x',
  'a:b@c!d',
  'a.b',
  '.a',
  'a b',
  'a,b',
  '=',
  '*',
  '[x]',
  '""',
  '-- x',
  'nil',
  'true',
  '0',
  '-1',
  '1e999',
  '99999999999999999999',
  '::1',
  '0.0.0.0/0',
  '(',
  '(a+)+$',
  '%s%n',
];

export const VALUES: readonly string[] = [...BREAKOUTS, ...OTHERS];
