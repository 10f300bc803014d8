import { durationSeconds } from '../kumo/api/grammars';
import { createBoundedMemory } from '../kumo/bounded-memory';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { DomainRoles } from '../kumo/runtime/domain-roles';
import type { Client } from '../kumo/runtime/journeys';
import { mxList } from './routes';
import type { KumoPath } from './sides';
import { createTravels, type Travels } from './travels';

export interface Subject {
  readonly tenant: string;
  /** Only these sources of the pool; all when absent. */
  readonly sources?: readonly string[];
  /** A client whose mail gets the tenant; undefined when nobody may choose it. */
  readonly client: NamingClient | undefined;
  /** How many waits to ask for. */
  readonly attempts: number;
}

/** A client, and the name that it gives in X-Virtual-MTA. */
export interface NamingClient {
  readonly client: Client;
  readonly named?: string;
}

/** What KumoMTA would resolve for mail of a tenant to a domain, from the files of the tree only. */
export interface KumoSide {
  path(subject: Subject, domain: string): KumoPath;
  readonly travels: Travels;
}

/** `now`: unix time in seconds that the tree was loaded with. `roles`: absent where nothing is known of the tree's code. */
export function createKumoSide(tree: LoadedTree, now: number, roles: DomainRoles | undefined): KumoSide {
  const travels = createTravels(tree, roles);
  const sources = tree.sources();
  const pools = tree.pools();
  const sites = createBoundedMemory<string, string>(10_000);
  return {
    travels,
    path(subject, domain) {
      const { client, tenant, attempts } = subject;
      const travel = client === undefined ? undefined : travels.of({ ...client, domain, tenant, attempts });
      const name = travel?.domain ?? domain;
      const queue = tree.direct.queue(name, tenant, travel?.message.campaign, travel?.route);
      const routing = travel?.route ?? textOf(queue['routing_domain']) ?? null;
      const pool = textOf(queue['egress_pool']) ?? '';
      const members = (pools.get(pool) ?? []).filter(({ weight }) => weight !== 0).map((entry) => entry.name);
      const taken = members.filter((source) => subject.sources?.includes(source) ?? true);
      // A list of hosts is a site of its own (crates/kumod ready_queue.rs), whatever the domain's MX hosts are.
      const hosts = mxList(queue['protocol']);
      const target = routing ?? name;
      const site = hosts === undefined ? sites.get(target, () => tree.siteOf(target)) : `mx_list:${hosts.join(',')}`;
      const paths = new Map(taken.map((source) => [source, tree.direct.path(target, source, site)] as const));
      const waits = (first: readonly (string | undefined)[]) => waitsOf(queue, attempts, first, now);
      return {
        tenant,
        pool,
        members,
        sources: taken,
        sourceFields: new Map(taken.map((source) => [source, sources.get(source) ?? {}] as const)),
        domain: name,
        site,
        routingDomain: routing,
        queue,
        paths,
        message: travel?.message,
        waits: waits(travel?.message.firstAttempts ?? []),
        waitsAfter: (patterns) =>
          client === undefined
            ? undefined
            : waits(travels.of({ ...client, domain, tenant, attempts, fits: patterns }).message.firstAttempts),
        rules: tree.automationFor(domain, site),
        messageFrom: (author) =>
          client === undefined ? undefined : travels.of({ ...client, domain, tenant, attempts: 0, author }).message,
      };
    },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** KumoMTA's own interval doubles up to the largest; a handler may put the attempt off further. */
function waitsOf(
  queue: Readonly<Record<string, unknown>>,
  attempts: number,
  first: readonly (string | undefined)[],
  now: number,
): readonly number[] {
  const interval = secondsOf(queue['retry_interval']) ?? 1_200;
  const most = secondsOf(queue['max_retry_interval']) ?? Number.POSITIVE_INFINITY;
  return Array.from({ length: attempts }, (_, attempt) => {
    const own = Math.min(interval * 2 ** attempt, most);
    const time = first[attempt];
    return time === undefined ? own : Math.max(own, Date.parse(time) / 1000 - now);
  });
}

/** Seconds of a duration; undefined when it is none. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? durationSeconds(value) : undefined;
}
