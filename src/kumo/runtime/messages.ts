import { compareReleases } from '../api/release';
import { asList, asTable, type PolicyTable, plainTable } from '../api/value';
import type { LoadedParts, Resolver } from './answers';
import { sessionFor } from './listener-session';
import { splitQueueName } from './queue-name';
import { readList, readTable, readText, readTexts } from './read-result';
import { type Rejection, readRejection, readSignature, type Signature } from './signature';

export type { Rejection, Signature } from './signature';

export type Header = readonly [name: string, value: string];

/** A message as a client hands it in. */
export interface MessageSpec {
  readonly headers: readonly Header[];
  readonly body?: string;
  /** Envelope; an empty sender is the null sender. */
  readonly sender: string;
  readonly recipient: string | readonly string[];
  /** Address of the client, with or without port. */
  readonly peer: string;
  /** `IP:PORT` the client connected to; the first listener's by default. */
  readonly via?: string;
  /** The name that SMTP AUTH established, without running the handler. */
  readonly authnId?: string;
  /** SMTP AUTH that runs the handler. */
  readonly auth?: { readonly user: string; readonly password: string };
  readonly ehlo?: string;
  /** Injected over HTTP. */
  readonly http?: boolean;
  /** What checks of the client, the sender and the signatures find: `pass`, `fail`, `temperror` … */
  readonly checks?: { readonly spf?: string; readonly iprev?: string; readonly dkim?: readonly string[] };
  /** Nothing is known of earlier sessions, such as failed logins. */
  readonly fresh?: boolean;
  /** Delivery attempts so far. */
  readonly attempts?: number;
}

/** What became of a message at reception. */
export interface AcceptedMessage {
  readonly tenant?: string;
  readonly campaign?: string;
  /** Name of the scheduled queue; `null` swallows the message. */
  readonly queue: string;
  /** Domain that decides the path: the routing domain, else the recipient's. */
  readonly routingDomain: string;
  readonly pool?: string;
  /** Members of the pool that take part. */
  readonly sources: readonly string[];
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly headers: readonly Header[];
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signatures: readonly Signature[];
  readonly rejected?: Rejection;
  /** False when the message was only logged (bounce or complaint report), or swallowed. */
  readonly relayed: boolean;
  readonly scheduling?: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Messages that the policy has made and handed in besides this one. */
  readonly copies: readonly AcceptedMessage[];
}

export interface RequeueSpec extends MessageSpec {
  /** The reply on one line. */
  readonly response: string;
  /** What earlier attempts have left in the message, over what reception does. */
  readonly meta?: Readonly<Record<string, string>>;
  /** Arguments of KumoMTA 2026.03.04 and later; a counted delivery failure by default. */
  readonly insertContext?: readonly string[];
  readonly incrementAttempts?: boolean;
  /** seconds */
  readonly delay?: number;
}

/** What handlers of requeue_message made of a message. */
export interface RequeueResult extends AcceptedMessage {
  /** RFC 3339 time before which there is no next attempt. */
  readonly firstAttempt?: string;
}

/** A log record of KumoMTA, as far as hooks read it. */
export interface LogRecord {
  readonly type: 'Bounce' | 'Delivery' | 'Expiration' | 'Reception' | 'TransientFailure';
  readonly delivery_protocol?: 'ESMTP' | 'Lua';
}

/** What became of a message in its queue. */
export interface DeliveryResult extends AcceptedMessage {
  /** What Lua logged as the delivery; absent when the mail goes out by SMTP, or was refused (`rejected`). */
  readonly reply?: string;
}

export interface Messages {
  message(spec: MessageSpec): AcceptedMessage;
  requeue(spec: RequeueSpec): RequeueResult;
  deliver(spec: MessageSpec | RequeueSpec): DeliveryResult;
  logged(spec: MessageSpec, record: LogRecord): readonly AcceptedMessage[];
  auth(user: string, password: string, peer: string): boolean;
  /** What the server offers a client after STARTTLS. */
  extensions(peer: string): readonly string[];
  /** The answer of a filter_event of a log for a message. */
  isLogged(event: string, spec: MessageSpec): boolean;
}

export function createMessages(parts: LoadedParts, resolver: Resolver): Messages {
  const { lua, captured } = parts;
  return {
    message(spec) {
      const session = sessionFor(captured.listeners, spec);
      const result = describe(readTable(lua.call('message', session.spec)) ?? {}, resolver);
      if (result.rejected !== undefined || session.supplemental === undefined) return result;
      return { ...result, headers: [[session.supplemental, 'xxxx'], ...result.headers] };
    },
    requeue(spec) {
      const answer = lua.call('requeue', requeueSession(parts, spec));
      const result = describe(readTable(answer) ?? {}, resolver);
      const first = readText(result.scheduling?.['first_attempt']);
      return first === undefined ? result : { ...result, firstAttempt: first };
    },
    isLogged(event, spec) {
      const { spec: session } = sessionFor(captured.listeners, spec);
      return readTable(lua.call('filter', { ...session, event }))?.['kept'] === true;
    },
    deliver(spec) {
      const session = 'response' in spec ? requeueSession(parts, spec) : sessionFor(captured.listeners, spec).spec;
      const answer = readTable(lua.call('deliver', session)) ?? {};
      const reply = readText(answer['reply']);
      const result = describe(answer, resolver);
      return reply === undefined ? result : { ...result, reply };
    },
    logged(spec, record) {
      const answer = lua.call('logged', { ...sessionFor(captured.listeners, spec).spec, record });
      const sent = readList(readTable(answer)?.['sent']);
      return sent.map((message) => describe(asTable(message) ?? {}, resolver));
    },
    auth(user, password, peer) {
      const { spec } = sessionFor(captured.listeners, { headers: [], sender: '', recipient: [], peer });
      const answer = lua.call('auth', { meta: spec['meta'], authz: user, user, password });
      return readTable(answer)?.['accepted'] === true;
    },
    extensions(peer) {
      const { spec } = sessionFor(captured.listeners, { headers: [], sender: '', recipient: [], peer });
      return readTexts(readTable(lua.call('ehlo', spec))?.['extensions']);
    },
  };
}

function requeueSession({ captured, context }: LoadedParts, spec: RequeueSpec): Readonly<Record<string, unknown>> {
  return {
    ...sessionFor(captured.listeners, spec).spec,
    response: spec.response,
    gathered: spec.meta ?? {},
    modern: compareReleases('2026.03.04', context.target) <= 0,
    context: spec.insertContext ?? [],
    increment: spec.incrementAttempts ?? true,
    ...(spec.delay === undefined ? {} : { delay: spec.delay }),
  };
}

function describe(answer: PolicyTable, resolver: Resolver): AcceptedMessage {
  const message = asTable(answer['message']) ?? {};
  const meta = plainTable(asTable(message['meta']) ?? {});
  const queue = readText(message['queue']) ?? '';
  const name = splitQueueName(queue);
  const scheduling = asTable(message['scheduling']);
  const base = {
    ...(name.tenant ? { tenant: name.tenant } : {}),
    ...(name.campaign ? { campaign: name.campaign } : {}),
    queue,
    routingDomain: name.routing_domain ?? name.domain,
    sender: readText(message['sender']) ?? '',
    recipients: readTexts(message['recipients']),
    headers: readList(message['headers']).map(readHeader),
    meta,
    signatures: readList(message['signatures']).map((item) => readSignature(item)),
    ...(scheduling === undefined ? {} : { scheduling: plainTable(scheduling) }),
    body: readText(message['body']) ?? '',
    copies: readList(answer['copies']).map((item) => describe(asTable(item) ?? {}, resolver)),
  };
  const rejected = readRejection(asTable(answer['rejected']));
  if (rejected !== undefined) return { ...base, sources: [], relayed: false, rejected };
  if (queue === 'null') return { ...base, sources: [], relayed: false };
  const config = resolver.queue({ ...name });
  const pool = readText(config?.['egress_pool']) ?? 'unspecified';
  const sources = resolver.pool(pool);
  const relayed = answer['relayed'] === true;
  if (sources !== undefined) return { ...base, pool, sources, relayed };
  return {
    ...base,
    pool,
    sources: [],
    relayed: false,
    rejected: { code: 421, message: '4.3.0 technical difficulties' },
  };
}

function readHeader(item: PolicyTable[string]): Header {
  const [name, value] = readTexts(asList(item));
  return [name ?? '', value ?? ''];
}
