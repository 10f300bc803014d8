import { asList, asTable, type PolicyTable, plain } from '../kumo/api/value';
import type { Header, MessageSpec } from '../kumo/runtime/messages';
import { NOWHERE } from './names';
import type { Pair } from './pair';

/** A message to be taken through both trees, with what it stands for. */
export interface Probe {
  readonly subject: string;
  readonly spec: MessageSpec;
  /** From a client that nobody knows, to see whether it is let in. */
  readonly strange: boolean;
}

/** Of each kind of name, this many get a message: one takes some milliseconds. */
const MOST = { peers: 12, tenants: 250, authors: 150, domains: 120, headers: 25, users: 40 } as const;

const STRANGER = '203.0.113.77';
const USUAL_TENANT_HEADER = 'X-Virtual-MTA';

/** Messages that the trees may treat in different ways: by client, tenant, author, recipient and header. */
export function probesFor(pair: Pair): readonly Probe[] {
  const { names } = pair;
  const peers = peersOf(pair);
  const [client = '127.0.0.1'] = peers;
  const authors = [...names.authors].filter((name) => name.includes('.')).slice(0, MOST.authors);
  const headers = tenantHeaders(pair);
  const [tenantHeader = USUAL_TENANT_HEADER] = headers;
  const tenants = [...names.tenants].slice(0, MOST.tenants);
  const domains = [...names.domains].filter((name) => !name.startsWith('['));
  return [
    ...peers.map((peer) => probe(`mail from ${peer}`, { peer })),
    probe(`mail from ${STRANGER}, a stranger`, { peer: STRANGER }),
    probe('mail over HTTP', { http: true }),
    ...listenAddresses(pair).map((via) => probe(`mail to ${via}`, { peer: client, via })),
    ...tenants.flatMap((tenant, index) => [
      probe(
        `${tenantHeader}: ${tenant}`,
        { peer: client, headers: [[tenantHeader, tenant]] },
        authors[index % authors.length],
      ),
    ]),
    probe(`${tenantHeader}: ${NOWHERE.name}`, { peer: client, headers: [[tenantHeader, NOWHERE.name]] }),
    ...authors.map((author) => probe(`mail from somebody at ${author}`, { peer: client }, author)),
    ...spread(domains, MOST.domains).flatMap((domain) => [
      probe(`mail to ${domain}`, { peer: client, recipient: `someone@${domain}` }),
      probe(`mail from a stranger to ${domain}`, { peer: STRANGER, recipient: `someone@${domain}` }),
    ]),
    ...otherHeaders(pair, headers).map((name) =>
      probe(`mail with ${name}`, { peer: client, headers: [[name, 'value']] }),
    ),
    ...namedRecipients(pair, domains).map((address) =>
      probe(`mail to ${address}`, { peer: client, recipient: address }),
    ),
  ];
}

function probe(subject: string, spec: Partial<MessageSpec>, author = 'from.example'): Probe {
  const base: readonly Header[] = [
    ['From', `news@${author}`],
    ['To', `someone@${NOWHERE.domain}`],
    ['Subject', 'a message'],
  ];
  return {
    subject,
    strange: spec.peer === STRANGER,
    spec: {
      sender: `bounce@${author}`,
      recipient: `someone@${NOWHERE.domain}`,
      peer: '127.0.0.1',
      body: 'text\r\n',
      ...spec,
      headers: [...base, ...(spec.headers ?? [])],
    },
  };
}

/** Clients that listeners tell apart: the first address of each network, and this machine. */
export function peersOf({ before, after }: Pair): readonly string[] {
  const lists = [before, after].flatMap(({ parts }) => parts.captured.listeners.flatMap(networksIn));
  const addresses = lists.map((network) => network.replace(/\/.*/, '').replace(/\.0$/, '.1'));
  return [...new Set([...addresses, '127.0.0.1'])].slice(0, MOST.peers);
}

/** Networks of a listener's own list, and of its tables by address. */
function networksIn(listener: PolicyTable): readonly string[] {
  const own = asList(listener['relay_hosts'])?.map((item) => String(plain(item))) ?? [];
  const peers = asTable(listener['peer']) ?? {};
  return [...own, ...Object.keys(peers)].filter((text) => /^[\d.:a-f/]+$/i.test(text));
}

function listenAddresses({ before, after }: Pair): readonly string[] {
  const all = [before, after].flatMap(({ parts }) => parts.captured.listeners.map(({ listen }) => listen));
  const local = all
    .filter((listen) => typeof listen === 'string')
    .map((listen) => listen.replace(/^(?:0\.0\.0\.0|\*)?:/, '192.0.2.1:'));
  return [...new Set(local)].slice(0, MOST.peers);
}

function tenantHeaders({ before, after }: Pair): readonly string[] {
  const given = [after, before].map(({ parts }) => parts.state.queues?.options['tenant_header']);
  return [...new Set(given)].filter((name) => typeof name === 'string');
}

/** Names of headers that stand in the Lua code. */
function otherHeaders({ names }: Pair, known: readonly string[]): readonly string[] {
  const words = [...names.words].filter((word) => /^(?:X-|List-|Reply-|Precedence$)[\w-]*$/i.test(word));
  return words.filter((word) => !known.includes(word)).slice(0, MOST.headers);
}

/** Addresses, and local parts at the first domains, that stand in the Lua code. */
function namedRecipients({ names }: Pair, domains: readonly string[]): readonly string[] {
  const whole = [...names.words].filter((word) => /^[^\s@]+@[\w.-]+$/.test(word));
  const parts = [...names.words].filter((word) => /^(?:postmaster|abuse|bounces?|fbl)$/.test(word));
  const at = domains.slice(0, 5).flatMap((domain) => parts.map((part) => `${part}@${domain}`));
  return [...whole, ...at].slice(0, MOST.users);
}

function spread<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(list.length / most));
  return list.filter((_, index) => index % step === 0);
}
