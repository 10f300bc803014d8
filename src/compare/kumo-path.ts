import { durationSeconds } from '../kumo/api/grammars';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { AcceptedMessage, MessageSpec } from '../kumo/runtime/messages';
import type { PmtaConfig } from '../pmta/model';
import { mxList } from './routes';
import type { KumoPath } from './sides';

export interface Subject {
  readonly tenant: string;
  /** Only these sources of the pool; all when absent. */
  readonly sources?: readonly string[];
  /** A client whose mail gets the tenant; undefined when nobody may choose it. */
  readonly client: Client | undefined;
  /** Seconds of the clock that the tree sees. */
  readonly now: number;
  /** How many waits to ask for. */
  readonly attempts: number;
}

/** What KumoMTA would resolve for mail of a tenant to `domain`, from the files of the tree only. */
export function kumoPath(tree: LoadedTree, subject: Subject, domain: string): KumoPath {
  const spec = subject.client === undefined ? undefined : { ...subject.client, recipient: `someone@${domain}` };
  const message = spec === undefined ? undefined : tree.message(spec);
  const [, name = domain, route] = /@([^!]*)(?:!(.*))?$/.exec(message?.queue ?? '') ?? [];
  const queue = tree.queueConfig(name, subject.tenant, message?.campaign, route);
  const routing = route ?? textOf(queue['routing_domain']);
  const pool = textOf(queue['egress_pool']) ?? '';
  const members = [...(tree.pools().get(pool) ?? [])].filter(({ weight }) => weight !== 0).map((entry) => entry.name);
  const sources = members.filter((source) => subject.sources?.includes(source) ?? true);
  // A list of hosts is a site of its own (crates/kumod ready_queue.rs), whatever the domain's MX hosts are.
  const hosts = mxList(queue['protocol']);
  const site = hosts === undefined ? tree.siteOf(routing ?? name) : `mx_list:${hosts.join(',')}`;
  const paths = new Map(sources.map((source) => [source, tree.egressPath(routing ?? name, source, site)] as const));
  const waits = waitsOf(tree, queue, spec, subject);
  return {
    tenant: subject.tenant,
    pool,
    sources,
    routingDomain: routing ?? null,
    queue,
    paths,
    message,
    waits,
    rules: tree.automationFor(domain, site),
    messageFrom: (address) =>
      spec === undefined
        ? undefined
        : tree.message({ ...spec, headers: [['From', address], ...spec.headers.slice(1)] }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Clients that may be able to choose the tenant; a configuration has few kinds of them. */
const CLIENTS = 40;

/** A message without a recipient. */
export type Client = Omit<MessageSpec, 'recipient'>;

/** A client whose mail gets the tenant: by X-Virtual-MTA, by its own default, or as a user. */
export function clientFor(tree: LoadedTree, config: PmtaConfig, name: string, tenant: string): Client | undefined {
  return clientsOf(config)
    .map(
      ({ named, ...client }): Client => ({
        sender: 'sender@from.example',
        ...client,
        headers: [['From', 'sender@from.example'], ...(named ? [['X-Virtual-MTA', name] as const] : [])],
      }),
    )
    .find((spec) => isFor(tree.message({ ...spec, recipient: 'someone@named-nowhere.example' }), tenant));
}

function isFor(message: AcceptedMessage, tenant: string): boolean {
  return message.rejected === undefined && message.tenant === tenant;
}

function clientsOf(config: PmtaConfig): readonly (Pick<MessageSpec, 'auth' | 'peer'> & { readonly named: boolean })[] {
  const peers = config.sources.flatMap(({ cidr }) => (cidr === undefined ? [] : [cidr.replace(/\/.*/, '')]));
  const users = [...(config.named.get('smtp-user') ?? [])].flatMap(([user, blocks]) => {
    const line = blocks.flatMap((block) => block.settings).find(({ name }) => name === 'password');
    return line?.value?.kind === 'secret' ? [{ user, password: line.value.value }] : [];
  });
  const places = [...new Set(['127.0.0.1', ...peers])].slice(0, CLIENTS);
  const named = [true, false];
  return [
    ...named.flatMap((by) => places.map((peer) => ({ peer, named: by }))),
    ...named.flatMap((by) => users.slice(0, CLIENTS).map((auth) => ({ peer: '192.0.2.254', auth, named: by }))),
  ];
}

/** A reply that no list of replies is likely to fit. */
const UNTOLD = '-';

/** KumoMTA's own interval doubles up to the largest; a handler may put the attempt off further. */
function waitsOf(
  tree: LoadedTree,
  queue: Readonly<Record<string, unknown>>,
  spec: MessageSpec | undefined,
  { attempts, now }: Subject,
): readonly number[] {
  const first = secondsOf(queue['retry_interval']) ?? 1_200;
  const most = secondsOf(queue['max_retry_interval']) ?? Number.POSITIVE_INFINITY;
  return Array.from({ length: attempts }, (_, attempt) => {
    const own = Math.min(first * 2 ** attempt, most);
    if (spec === undefined) return own;
    const { firstAttempt } = tree.requeue({ ...spec, attempts: attempt, response: UNTOLD });
    return firstAttempt === undefined ? own : Math.max(own, Date.parse(firstAttempt) / 1000 - now);
  });
}

/** Seconds of a duration; undefined when it is none. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? durationSeconds(value) : undefined;
}
