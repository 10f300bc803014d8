import { createBoundedMemory } from '../kumo/bounded-memory';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { DomainRoles } from '../kumo/runtime/domain-roles';
import type { Client, Journey } from '../kumo/runtime/journeys';
import { splitQueueName } from '../kumo/runtime/queue-name';

/** A message and where it goes. */
export interface Travel {
  readonly message: Journey;
  /** Domain part of the scheduled queue. */
  readonly domain: string;
  /** Routing domain in its name. */
  readonly route: string | undefined;
}

export interface TravelSpec {
  readonly client: Client;
  /** The name in X-Virtual-MTA. */
  readonly named?: string;
  /** Recipient domain. */
  readonly domain: string;
  readonly tenant: string;
  readonly attempts: number;
  /** Address in `From`. */
  readonly author?: string;
  /** Expressions that count as fitting the reply. */
  readonly fits?: readonly string[];
}

/** Messages sent through the tree; the same journey is made once for all domains that its Lua cannot tell apart. */
export interface Travels {
  of(spec: TravelSpec): Travel;
}

/** What is remembered: neighbours among the questions are of one tenant. */
const MOST = 2_000;
const MOST_ROLES = 20_000;

export const SENDER = 'sender@from.example';

export function createTravels(tree: LoadedTree, roles: DomainRoles | undefined): Travels {
  const numbers = new Map<string, number>();
  const roleNumbers = createBoundedMemory<string, { readonly role: number | undefined }>(MOST_ROLES);
  const clients = new Map<Client, number>();
  const made = createBoundedMemory<string, { readonly journey: Journey; readonly of: string }>(MOST);
  const numberIn = <K>(map: Map<K, number>, key: K): number => {
    const known = map.get(key) ?? map.size;
    map.set(key, known);
    return known;
  };
  const roleOf = (domain: string) =>
    roleNumbers.get(domain, () => {
      const role = roles?.roleOf(domain);
      return { role: role === undefined ? undefined : numberIn(numbers, role) };
    }).role;
  const go = ({ client, named, domain, attempts, author = SENDER, fits }: TravelSpec): Journey =>
    tree.journey({
      client,
      recipient: `someone@${domain}`,
      headers: [['From', author], ...(named === undefined ? [] : [['X-Virtual-MTA', named] as const])],
      attempts,
      ...(fits === undefined ? {} : { fits }),
    });
  return {
    of(spec) {
      const { client, named, domain, tenant, attempts, author, fits } = spec;
      const asked = [numberIn(clients, client), named, tenant, attempts, author, fits];
      const alone = JSON.stringify([domain, ...asked]);
      const role = roleOf(domain);
      if (role === undefined)
        return travelOf(
          made.get(alone, () => ({ journey: go(spec), of: domain })),
          domain,
        );
      const alike = JSON.stringify([role, tree.direct.routing(domain, tenant) ?? null, ...asked]);
      const first = made.get(alike, () => ({ journey: go(spec), of: domain }));
      if (!first.journey.looked || first.of === domain) return travelOf(first, domain);
      return travelOf(
        made.get(alone, () => ({ journey: go(spec), of: domain })),
        domain,
      );
    },
  };
}

/** The journey as the domain makes it: its name takes the place of the other's. */
function travelOf({ journey, of }: { readonly journey: Journey; readonly of: string }, domain: string): Travel {
  const name = splitQueueName(journey.queue);
  const own = (text: string) => (text === of ? domain : text);
  const route = name.routing_domain;
  return { message: journey, domain: own(name.domain), route: route === undefined ? undefined : own(route) };
}
