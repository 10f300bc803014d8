import { plainTable } from '../api/value';
import type { LoadedParts, Resolver } from './answers';
import type { Place } from './finding';
import { parsePlace } from './host';
import { queueFields } from './queue-functions';
import { readTable, readText } from './read-result';

type Params = Readonly<Record<string, unknown>>;

/** Fields of queues and paths, and where they stand. */
export interface Direct {
  /** The routing domain that the queue helper gives a message. */
  routing(domain: string, tenant?: string): string | undefined;
  /** Place of a field of a queue, as far as the data of helpers have it. */
  queuePlace(field: string, domain: string, tenant?: string, campaign?: string): Place | undefined;
  /** Place of a field of a path in shaping data; `key` names a shared counter in it. */
  pathPlace(domain: string, source: string, site: string, field: string, key?: string): Place | undefined;
  /** What shaping data say of a path, before Lua of the policy's own. */
  shapedPath(domain: string, source: string, site: string): Params;
  sourcePlace(name: string, field?: string): Place | undefined;
  poolPlace(name: string): Place | undefined;
  /** Where the first handler of an event stands. */
  handlerPlace(event: string): Place | undefined;
  queue(domain: string, tenant?: string, campaign?: string, routingDomain?: string): Params;
  path(routingDomain: string, source: string, site?: string): Params;
}

/**
 * Answers for queues and paths: from the data of the helpers where these alone answer for the policy, which spares the
 * way through Lua, and else from its handlers.
 */
export function createDirect({ context, captured, state, lua }: LoadedParts, resolve: Resolver): Direct {
  let helper: { readonly path: number | undefined; readonly queue: boolean } | undefined;
  const ask = () => {
    const path = readTable(lua.call('path_helper', {}))?.['id'];
    const queue = readTable(lua.call('queue_helpers', {}))?.['own'] === true;
    return { path: typeof path === 'number' ? path : undefined, queue };
  };
  const helpers = () => {
    helper ??= ask();
    return helper;
  };
  const providers = new Map<string, unknown>();
  const path: Direct['path'] = (domain, source, site = context.mx.siteOf(domain)) => {
    const { path: number } = helpers();
    const shaping = number === undefined ? undefined : state.shaping[number];
    if (shaping === undefined) return resolve.path({ domain, source, site }) ?? {};
    return { refresh_strategy: 'Epoch', ...plainTable(shaping.pathFor(domain, source, site)) };
  };
  const providerOf = (target: string): unknown => {
    if (!providers.has(target)) providers.set(target, path(target, 'unspecified')['provider_name']);
    return providers.get(target);
  };
  return {
    path,
    ...placesOf({ context, captured, state, lua }),
    queue(domain, tenant, campaign, routingDomain) {
      const ofHelpers = INTERNAL.test(domain) || state.queues === undefined || !helpers().queue;
      if (ofHelpers) return resolve.queue({ domain, tenant, campaign, routing_domain: routingDomain }) ?? {};
      const fields = queueFields(state, domain, tenant, campaign);
      const provider = fields['provider_name'] ?? providerOf(routingDomain ?? domain);
      return provider === undefined ? fields : { ...fields, provider_name: provider };
    },
  };
}

function placesOf({ state, lua }: LoadedParts): Omit<Direct, 'path' | 'queue'> {
  const handlers = new Map<string, Place | undefined>();
  const [shaping] = state.shaping;
  return {
    routing: (domain, tenant) => readText(state.queues?.resolve(domain, tenant, undefined)['routing_domain']),
    queuePlace: (field, domain, tenant, campaign) => state.queues?.placeOf(field, domain, tenant, campaign),
    pathPlace: (domain, source, site, field, key) => shaping?.placeFor(domain, source, site, field, key),
    shapedPath: (domain, source, site) => plainTable(shaping?.pathFor(domain, source, site) ?? {}),
    sourcePlace: (name, field) => state.sources?.placeOfSource(name, field),
    poolPlace: (name) => state.sources?.placeOfPool(name),
    handlerPlace(event) {
      const ask = () => parsePlace(readText(readTable(lua.call('handler_place', { event }))?.['place']));
      if (!handlers.has(event)) handlers.set(event, ask());
      return handlers.get(event);
    },
  };
}

/** Queues of hooks, which helpers answer for by themselves. */
const INTERNAL = /\.(?:log_hook|tsa\.kumomta|kumomta\.internal)$/;
