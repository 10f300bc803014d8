import type { LoadedTree } from '../../kumo/runtime/answers';
import type { AcceptedMessage, MessageSpec } from '../../kumo/runtime/messages';
import { splitQueueName } from '../../kumo/runtime/queue-name';
import type { SampleMessage } from '../../pmta/reception/sample';
import { mxList } from '../routes';

/** What KumoMTA makes of a message, from the files of the tree only. */
export interface KumoMessage {
  readonly message: AcceptedMessage;
  /** Domain part of the scheduled queue. */
  readonly domain: string;
  /** Fields of the scheduled queue; empty when the message has none. */
  readonly queue: Readonly<Record<string, unknown>>;
  readonly routingDomain: string | null;
  readonly paths: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Addresses that its sources send from; undefined where the system chooses. */
  readonly addresses: readonly (string | undefined)[];
  /** What Lua does with it at once, where it is not sent. */
  readonly ended?: 'bounced' | 'dropped';
}

/** Hands a message to the tree as a client does. `password`: of the user, when there is such a user. */
export function kumoMessage(
  tree: LoadedTree,
  sample: SampleMessage,
  via: string | undefined,
  password: string | undefined,
): KumoMessage {
  const { user } = sample;
  const spec: MessageSpec = {
    peer: sample.peer,
    sender: sample.from,
    recipient: sample.to,
    headers: sample.headers,
    fresh: true,
    ...(via === undefined ? {} : { via }),
    // A password that nobody has.
    ...(user === undefined ? {} : { auth: { user, password: password ?? '\u0001' } }),
  };
  const message = tree.message(spec);
  const none = { message, domain: '', queue: {}, routingDomain: null, paths: new Map(), addresses: [] };
  if (message.rejected !== undefined || message.queue === 'null') return none;
  const name = splitQueueName(message.queue);
  const known = knownOf(tree);
  const queue = known.queue(message.queue);
  const routing = name.routing_domain ?? (typeof queue['routing_domain'] === 'string' ? queue['routing_domain'] : null);
  const target = routing ?? name.domain;
  const hosts = mxList(queue['protocol']);
  const site = hosts === undefined ? tree.siteOf(target) : `mx_list:${hosts.join(',')}`;
  const [first] = message.sources;
  const paths = new Map(first === undefined ? [] : [[first, known.path(target, first, site)] as const]);
  const addresses = message.sources.map((source) => known.addresses.get(source));
  const found = { message, domain: name.domain, queue, routingDomain: routing, paths, addresses };
  if (!isLua(queue['protocol'])) return found;
  return { ...found, ended: tree.deliver(spec).rejected === undefined ? 'dropped' : 'bounced' };
}

/** What a tree says of queues, paths and sources, asked once: many messages have the same. */
interface Known {
  /** Fields of a queue, by its whole name. */
  queue(name: string): Readonly<Record<string, unknown>>;
  path(domain: string, source: string, site: string): Readonly<Record<string, unknown>>;
  /** Source → address that it sends from. */
  readonly addresses: ReadonlyMap<string, string>;
}

const knownTrees = new WeakMap<LoadedTree, Known>();
/** Answers of a tree that are kept. */
const MOST_KEPT = 20_000;

function knownOf(tree: LoadedTree): Known {
  const known = knownTrees.get(tree) ?? know(tree);
  knownTrees.set(tree, known);
  return known;
}

function know(tree: LoadedTree): Known {
  const answers = new Map<string, Readonly<Record<string, unknown>>>();
  const once = (key: string, ask: () => Readonly<Record<string, unknown>>) => {
    const answer = answers.get(key) ?? ask();
    if (answers.size >= MOST_KEPT) answers.clear();
    answers.set(key, answer);
    return answer;
  };
  const addresses = [...tree.sources()].flatMap(([name, { source_address }]) =>
    typeof source_address === 'string' ? [[name, source_address] as const] : [],
  );
  return {
    queue: (name) =>
      once(`queue ${name}`, () => {
        const { domain, tenant, campaign, routing_domain } = splitQueueName(name);
        return tree.queueConfig(domain, tenant, campaign, routing_domain);
      }),
    path: (...key) => once(JSON.stringify(key), () => tree.egressPath(...key)),
    addresses: new Map(addresses),
  };
}

function isLua(protocol: unknown): boolean {
  return typeof protocol === 'object' && protocol !== null && 'custom_lua' in protocol;
}
