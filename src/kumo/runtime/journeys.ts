import { compareReleases } from '../api/release';
import { asTable, plain } from '../api/value';
import type { LoadedParts } from './answers';
import { sessionFor } from './listener-session';
import type { AcceptedMessage, Header, MessageSpec } from './messages';
import { splitQueueName } from './queue-name';
import { readList, readTable, readText } from './read-result';
import { readRejection, readSignature } from './signature';

/** A client that hands in many messages. */
export type Client = Omit<MessageSpec, 'headers' | 'recipient'>;

export interface JourneySpec {
  readonly client: Client;
  readonly recipient: string;
  readonly headers: readonly Header[];
  /** How many attempts are asked about. */
  readonly attempts: number;
  /** Expressions of the policy that count as fitting the reply, which is a bare `-`. */
  readonly fits?: readonly string[];
}

/** What becomes of a message up to its queue, and of its next attempts. */
export interface Journey extends Pick<AcceptedMessage, 'tenant' | 'campaign' | 'queue' | 'signatures' | 'rejected'> {
  /** A pattern was held against the recipient's domain, or DNS was asked: another domain may fare otherwise. */
  readonly looked: boolean;
  /** RFC 3339 times that handlers put attempts 2, 3, … off to; undefined where they leave it to KumoMTA. */
  readonly firstAttempts: readonly (string | undefined)[];
}

/** A reply that no list of replies is likely to fit. */
const UNTOLD = '-';

/** Takes messages through reception and failed attempts; each client is told to the Lua half once. */
export function createJourneys({ lua, captured, context }: LoadedParts): (spec: JourneySpec) => Journey {
  const known = new Map<Client, number>();
  const modern = compareReleases('2026.03.04', context.target) <= 0;
  const idOf = (client: Client): number => {
    const id = known.get(client) ?? Number(readTable(lua.call('client', clientSpec(client)))?.['id'] ?? 0);
    known.set(client, id);
    return id;
  };
  const clientSpec = (client: Client) => sessionFor(captured.listeners, { ...client, headers: [], recipient: [] }).spec;
  return ({ client, recipient, headers, attempts, fits }) => {
    const marked = fits === undefined ? {} : { fits: Object.fromEntries(fits.map((text) => [text, true])) };
    const spec = {
      client: idOf(client),
      recipient,
      headers: headers.map(([name, value]) => [name, value]),
      attempts,
      modern,
      response: UNTOLD,
      ...marked,
    };
    return readJourney(lua.call('journey', spec), attempts);
  };
}

function readJourney(answer: unknown, attempts: number): Journey {
  const table = readTable(answer) ?? {};
  const queue = readText(table['queue']) ?? '';
  const { tenant, campaign } = splitQueueName(queue);
  const rejected = readRejection(asTable(table['rejected']));
  const first = readList(table['first']);
  return {
    ...(tenant ? { tenant } : {}),
    ...(campaign ? { campaign } : {}),
    queue,
    signatures: readList(table['signatures']).map(readSignature),
    ...(rejected === undefined ? {} : { rejected }),
    looked: table['looked'] === true,
    firstAttempts: Array.from({ length: attempts }, (_, i) => {
      const time = first[i];
      return time === undefined ? undefined : readText(plain(time));
    }),
  };
}
