import { plainTable } from '../api/value';
import type { LoadedParts, Resolver } from './answers';
import { queueFields } from './host-helpers';
import { readTable } from './read-result';

type Params = Readonly<Record<string, unknown>>;

/** Fields of queues and paths. */
export interface Direct {
  queue(domain: string, tenant?: string, campaign?: string, routingDomain?: string): Params;
  path(routingDomain: string, source: string, site?: string): Params;
}

/**
 * Answers for queues and paths: from the data of the helpers where these alone answer for the policy, which spares the
 * way through Lua, and else from its handlers.
 */
export function createDirect({ context, state, lua }: LoadedParts, resolve: Resolver): Direct {
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
    queue(domain, tenant, campaign, routingDomain) {
      const ofHelpers = INTERNAL.test(domain) || state.queues === undefined || !helpers().queue;
      if (ofHelpers) return resolve.queue({ domain, tenant, campaign, routing_domain: routingDomain }) ?? {};
      const fields = queueFields(state, domain, tenant, campaign);
      const provider = fields['provider_name'] ?? providerOf(routingDomain ?? domain);
      return provider === undefined ? fields : { ...fields, provider_name: provider };
    },
  };
}

/** Queues of hooks, which helpers answer for by themselves. */
const INTERNAL = /\.(?:log_hook|tsa\.kumomta|kumomta\.internal)$/;
