import { type PolicyTable, plain, plainTable } from '../api/value';
import type { Captured, Context } from './context';
import { createDirect, type Direct } from './direct';
import type { Finding } from './finding';
import type { HelperState } from './host-helpers';
import { type HttpRequest, mayRequest } from './http-access';
import { createJourneys, type Journey, type JourneySpec } from './journeys';
import type { LuaState } from './lua-state';
import {
  type AcceptedMessage,
  createMessages,
  type DeliveryResult,
  type LogRecord,
  type MessageSpec,
  type RequeueResult,
  type RequeueSpec,
} from './messages';
import { readTable } from './read-result';
import type { ApplicableRule } from './shaping';
import type { RuleAction } from './shaping-rule';
import type { PoolEntry } from './source-data';
import type { PlacedUse } from './uses';

type Params = Readonly<Record<string, unknown>>;

/** What a rule of the automation does when a reply fits. */
export interface MatchedRule {
  readonly actions: readonly RuleAction[];
  /** seconds */
  readonly duration: number;
  readonly regex: readonly string[];
  /** Block that holds the rule. */
  readonly block: string;
  /** The effect is for the whole site, not for the literal domain only. */
  readonly rollup: boolean;
}

/** A policy that runs: its findings, and what KumoMTA would answer with it. */
export interface LoadedTree {
  /** Grows while handlers run. */
  readonly findings: readonly Finding[];
  /** What the tree uses of KumoMTA so far, with the first release of each. */
  uses(): readonly PlacedUse[];
  /** Parameter tables of `start_esmtp_listener`, `start_http_listener`, `define_spool`, `configure_local_logs`, in order. */
  readonly listeners: readonly Params[];
  readonly httpListeners: readonly Params[];
  readonly spools: readonly Params[];
  readonly logs: readonly Params[];
  /** Lists of files that shaping was loaded from. */
  readonly shapingFiles: readonly (readonly string[])[];
  /** Sources of the sources helper: name → fields. */
  sources(): ReadonlyMap<string, Params>;
  /** Pools of the sources helper: name → members with their weight. */
  pools(): ReadonlyMap<string, readonly PoolEntry[]>;
  /** Fields of a scheduled queue, from the handlers of get_queue_config; empty when none answers. */
  queueConfig(domain: string, tenant?: string, campaign?: string, routingDomain?: string): Params;
  /** Fields of a path, from the handler of get_egress_path_config; `site` defaults to the site of the domain. */
  egressPath(routingDomain: string, source: string, site?: string): Params;
  /** The same two answers without the way through Lua where only helpers give them, and so without findings. */
  readonly direct: Direct;
  /** A message of a client up to its queue, and its next attempts; without what `message` checks and tells. */
  journey(spec: JourneySpec): Journey;
  /** The site that a routing domain's ready queues belong to. */
  siteOf(domain: string): string;
  /** Takes a message through reception. */
  message(spec: MessageSpec): AcceptedMessage;
  /** Takes a message through reception and then through a failed delivery. */
  requeue(spec: RequeueSpec): RequeueResult;
  /** The status that smtp_client_rewrite_delivery_status makes of a reply on one line; undefined leaves it. */
  newStatus(response: string, domain: string, tenant?: string): number | undefined;
  /** Hands a message to its queue, after a failed delivery when `response` is given: only Lua senders are run. */
  deliver(spec: MessageSpec | RequeueSpec): DeliveryResult;
  /** The messages that hooks send because of a log record about a message. */
  logged(spec: MessageSpec, record: LogRecord): readonly AcceptedMessage[];
  /** SMTP AUTH PLAIN. `peer` is an address, with or without port. */
  auth(user: string, password: string, peer: string): boolean;
  /** What the server offers a client at this address after STARTTLS. */
  extensions(peer: string): readonly string[];
  /** Whether the first HTTP listener lets a request without a password through. */
  mayRequest(request: HttpRequest): boolean;
  /** Rules of the automation that are tried for mail to a recipient domain at a site, by default the domain's own. */
  automationFor(domain: string, site?: string): readonly ApplicableRule[];
  /** Whether a log whose `filter_event` is `event` records the message. */
  isLogged(event: string, spec: MessageSpec): boolean;
  /** Rules that fit a reply on one line (`421 4.7.0 text`). Rules do not look at the source; their effect is bound to it. */
  matchReply(domain: string, source: string, reply: string): readonly MatchedRule[];
  /** Frees the Lua state; nothing may be asked afterwards. */
  close(): void;
}

/** The parts of a loaded policy. */
export interface LoadedParts {
  readonly context: Context;
  readonly captured: Captured;
  readonly state: HelperState;
  readonly lua: LuaState;
}

export function createAnswers(parts: LoadedParts): LoadedTree {
  const { context, captured, state, lua } = parts;
  const resolve = createResolver(lua, context);
  const messages = createMessages(parts, resolve);
  // The automation of a tree is that of the shaping it sets up first; a policy has one.
  const rulesFor = (domain: string, site = context.mx.siteOf(domain)) => state.shaping[0]?.rulesFor(domain, site) ?? [];
  return {
    findings: context.findings.list,
    uses: () => context.uses.list,
    listeners: captured.listeners.map(plainTable),
    httpListeners: captured.httpListeners.map(plainTable),
    spools: captured.spools.map(plainTable),
    logs: captured.logs.map(plainTable),
    shapingFiles: captured.shapingFiles,
    sources: () => new Map([...(state.sources?.sources ?? [])].map(([name, table]) => [name, plainTable(table)])),
    pools: () => state.sources?.pools ?? new Map(),
    queueConfig: (domain, tenant, campaign, routingDomain) =>
      resolve.queue({ domain, tenant, campaign, routing_domain: routingDomain }) ?? {},
    egressPath: (domain, source, site = context.mx.siteOf(domain)) => resolve.path({ domain, source, site }) ?? {},
    direct: createDirect(parts, resolve),
    journey: createJourneys(parts),
    siteOf: (domain) => context.mx.siteOf(domain),
    message: messages.message,
    requeue: messages.requeue,
    newStatus(response, domain, tenant) {
      const spec = { response, domain, routing_domain: domain, ...(tenant === undefined ? {} : { tenant }) };
      const code = readTable(lua.call('rewrite', spec))?.['code'];
      return code === undefined ? undefined : Number(plain(code));
    },
    deliver: messages.deliver,
    logged: messages.logged,
    auth: messages.auth,
    extensions: messages.extensions,
    mayRequest: (request) => mayRequest(lua, captured.httpListeners[0] ?? {}, request),
    isLogged: messages.isLogged,
    automationFor: rulesFor,
    matchReply: (domain, _source, reply) =>
      (state.shaping[0]?.matching(domain, context.mx.siteOf(domain), reply) ?? []).map(
        ({ actions, duration, regex, block, rollup }) => ({ actions, duration, regex, block, rollup }),
      ),
    close: () => lua.close(),
  };
}

/** Questions to the handlers of the policy; undefined when no handler answers. */
export interface Resolver {
  queue(spec: Readonly<Record<string, string | undefined>>): Params | undefined;
  path(spec: Readonly<Record<string, string | undefined>>): Params | undefined;
  /** Members of a pool whose sources exist; undefined when the pool cannot be resolved. */
  pool(name: string): readonly string[] | undefined;
}

function createResolver(lua: LuaState, context: Context): Resolver {
  const ask = (operation: string, spec: Readonly<Record<string, string | undefined>>): PolicyTable | undefined => {
    const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
    return readTable(readTable(lua.call(operation, given))?.['params']);
  };
  const plainOr = (table: PolicyTable | undefined) => (table === undefined ? undefined : plainTable(table));
  return {
    queue: (spec) => plainOr(ask('queue', spec)),
    path: (spec) => plainOr(ask('path', spec)),
    pool(name) {
      if (name === 'unspecified') return ['unspecified'];
      const entries = plainOr(ask('pool', { name }))?.['entries'];
      if (!Array.isArray(entries)) {
        context.findings.add('tree-pool-undefined', `mail goes to the pool ${name}, which cannot be resolved`);
        return undefined;
      }
      const sources = entries.filter((entry) => entry?.weight !== 0).map((entry) => String(entry?.name));
      const broken = sources.find(
        (source) => source !== 'unspecified' && ask('source', { name: source }) === undefined,
      );
      return broken === undefined ? sources : undefined;
    },
  };
}
