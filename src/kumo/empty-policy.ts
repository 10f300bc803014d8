import type { FieldBlock, KumoPolicy, PathBlock, QueueBlock } from './model';
import { emptyReception } from './reception-lua';

export function emptyBlock(): FieldBlock {
  return { fields: new Map(), origins: [], comments: [] };
}

export function emptyPathBlock(): PathBlock {
  return { ...emptyBlock(), sources: new Map(), automation: [], covers: [] };
}

export function emptyQueueBlock(): QueueBlock {
  return { ...emptyBlock(), tenants: new Map() };
}

/** A policy that nothing has been decided about. */
export function emptyPolicy(): KumoPolicy {
  return {
    spools: [],
    logs: [],
    nameServers: [],
    redis: [],
    listeners: [],
    injection: [],
    listenerDomains: new Map(),
    sources: new Map(),
    coldSources: new Set(),
    pools: new Map(),
    tenants: new Map(),
    queueOptions: new Map(),
    queues: new Map(),
    shaping: { base: [], default: emptyPathBlock(), providers: [], domains: new Map() },
    dkim: { base: emptyBlock(), domains: new Map(), signatures: new Map() },
    bounceRules: [],
    users: new Map(),
    secrets: [],
    lua: {
      sourcesByCidr: new Map(),
      sourcesByName: new Map(),
      listenerSources: new Map(),
      tenants: new Map(),
      memberPools: new Map(),
      sharedLimits: new Map(),
      retryLists: [],
      patternLists: new Map(),
      replyLists: new Map(),
      backoffRetry: [],
      statusEntries: new Map(),
      statusLists: [],
      failures: [],
      reroutes: [],
      endings: new Map(),
      queueTo: [],
      logFilters: new Map(),
      removeHeaders: [],
      relayAddresses: new Map(),
      processors: [],
      reception: emptyReception(),
    },
    renames: [],
    copies: new Map(),
    systemFiles: [],
  };
}
