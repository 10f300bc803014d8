import { didYouMean } from '../../diagnostics/likeness';
import { structs } from '../api/structs';
import { asList, asTable, type PolicyTable, type PolicyValue, quoted } from '../api/value';
import type { Context } from './context';
import { createDomainMap, type DomainMap } from './domain-map';
import { type LoadedData, namedTable } from './files';
import type { Place } from './finding';
import { type SmartHost, smartHost } from './smart-host';
import { checkKey, need } from './uses';

/** A block of the queue helper: fields, and blocks inside it (tenants of a domain, campaigns of a tenant). */
export interface QueueBlock {
  readonly params: Map<string, PolicyValue>;
  readonly inner: Map<string, QueueBlock>;
  place: Place | undefined;
  /** Places of the fields. */
  readonly places: Map<string, Place | undefined>;
}

/** What the queue helper knows. */
export interface QueueData {
  /** Top-level keys: `tenant_header`, `default_tenant` and the like. */
  readonly options: PolicyTable;
  readonly tenants: ReadonlyMap<string, QueueBlock>;
  /**
   * Fields that hold for a queue, later wins: `queue.default`, `queue.D`, `tenant.T`, `queue.D.T`, `queue.D.T.C`. `D` is
   * the recipient domain.
   */
  resolve(domain: string, tenant: string | undefined, campaign: string | undefined): PolicyTable;
  /** Where the value of a field of a queue stands; undefined for none. */
  placeOf(field: string, domain: string, tenant: string | undefined, campaign: string | undefined): Place | undefined;
  /** Every pool that some block names, and where. */
  readonly pools: readonly { readonly pool: string; readonly where: string; readonly place: Place | undefined }[];
  /** Every block that names the hosts to send to. */
  readonly smartHosts: readonly SmartHost[];
  /** Every constructor of a custom_lua protocol, and where. */
  readonly constructors: readonly {
    readonly event: string;
    readonly where: string;
    readonly place: Place | undefined;
  }[];
}

const options = {
  campaign_header: 'string',
  default_tenant: 'string',
  remove_campaign_header: 'boolean',
  remove_tenant_header: 'boolean',
  scheduling_header: 'string',
  tenant_header: 'string',
} as const;
const tenantExtras = ['campaigns', 'overall_max_message_rate', 'require_authz'];
const queueExtras = ['overall_max_message_rate', 'routing_domain'];

/** Reads the files of the queue helper (facts: helpers, queues.toml; policy-extras/queue.lua for the order). */
export function readQueueData(list: readonly LoadedData[], context: Context): QueueData {
  const found: PolicyTable[] = [];
  const tenants = new Map<string, QueueBlock>();
  const queues = new Map<string, QueueBlock>();
  for (const data of list) {
    found.push(readOptions(data, context));
    readBlocks(data, 'tenant', tenants, context, (table, path, into) => readTenant(table, path, into, data, context));
    readBlocks(data, 'queue', queues, context, (table, path, into) => readQueue(table, path, into, 2, data, context));
  }
  const map: DomainMap<QueueBlock> = createDomainMap();
  for (const [domain, block] of queues) map.set(domain, block);
  const all = [...walk('tenant', tenants), ...walk('queue', queues)];
  return {
    options: Object.fromEntries(found.flatMap((part) => Object.entries(part))),
    tenants,
    resolve: (domain, tenant, campaign) => {
      const blocks = layersOf(map, tenants, domain, tenant, campaign);
      return Object.fromEntries(blocks.flatMap(({ params }) => [...params]));
    },
    placeOf(field, domain, tenant, campaign) {
      const blocks = layersOf(map, tenants, domain, tenant, campaign);
      return blocks.findLast(({ params }) => params.has(field))?.places.get(field);
    },
    pools: all.flatMap(([where, { params, places }]) => {
      const pool = params.get('egress_pool');
      return typeof pool === 'string' ? [{ pool, where, place: places.get('egress_pool') }] : [];
    }),
    smartHosts: all.flatMap(([where, block]) => smartHost(where, block)),
    constructors: all.flatMap(([where, { params, place }]) => {
      const event = asTable(asTable(params.get('protocol'))?.['custom_lua'])?.['constructor'];
      return typeof event === 'string' ? [{ event, where, place }] : [];
    }),
  };
}

/** The blocks that hold for a queue, weakest first. */
function layersOf(
  queues: DomainMap<QueueBlock>,
  tenants: ReadonlyMap<string, QueueBlock>,
  domain: string,
  tenant: string | undefined,
  campaign: string | undefined,
): readonly QueueBlock[] {
  const ofDomain = queues.get(domain);
  const ofTenant = tenant === undefined ? undefined : ofDomain?.inner.get(tenant);
  return [
    queues.get('default'),
    ofDomain,
    tenant === undefined ? undefined : tenants.get(tenant),
    ofTenant,
    campaign === undefined ? undefined : ofTenant?.inner.get(campaign),
  ].filter((block) => block !== undefined);
}

function* walk(name: string, blocks: ReadonlyMap<string, QueueBlock>): Generator<readonly [string, QueueBlock]> {
  for (const [key, block] of blocks) {
    yield [`${name}.${key}`, block];
    yield* walk(`${name}.${key}`, block.inner);
  }
}

function readOptions(data: LoadedData, context: Context): PolicyTable {
  const entries = Object.entries(data.table).filter(([key]) => key !== 'tenant' && key !== 'queue');
  return Object.fromEntries(
    entries.filter(([key, value]) => {
      const type = Object.hasOwn(options, key) ? options[key as keyof typeof options] : undefined;
      if (type === typeof value) return true;
      const hint = didYouMean(key, [...Object.keys(options), 'tenant', 'queue']);
      const unknown = `the queue helper has no option ${quoted(key)}${hint}`;
      if (type === undefined) context.findings.add('tree-unknown-field', unknown, data.placeOf([key]));
      else context.findings.add('tree-bad-type', `${key} has to be a ${type}`, data.placeOf([key]));
      return false;
    }),
  );
}

function readBlocks(
  data: LoadedData,
  key: 'tenant' | 'queue',
  into: Map<string, QueueBlock>,
  context: Context,
  read: (table: PolicyTable, path: readonly string[], into: QueueBlock) => void,
): void {
  const value = data.table[key];
  for (const [name, item] of Object.entries(asTable(value) ?? {})) {
    const table = namedTable(item, [key, name], data, context.findings);
    if (table === undefined) continue;
    if (key === 'queue' && name !== name.toLowerCase()) {
      context.findings.add(
        'tree-upper-case',
        `queue.${name}: recipient domains are compared in lower case`,
        data.placeOf([key, name]),
      );
    }
    read(table, [key, name], blockIn(into, name, data.placeOf([key, name])));
  }
}

function blockIn(into: Map<string, QueueBlock>, name: string, place: Place | undefined): QueueBlock {
  const block = into.get(name) ?? { params: new Map(), inner: new Map(), place, places: new Map() };
  into.set(name, block);
  return block;
}

function readTenant(
  table: PolicyTable,
  path: readonly string[],
  into: QueueBlock,
  data: LoadedData,
  context: Context,
): void {
  for (const [key, value] of Object.entries(table)) {
    const place = data.placeOf([...path, key]);
    if (key === 'campaigns') {
      const rated = Object.keys(asTable(value) ?? {}).length > 0;
      if (rated)
        context.findings.add(
          'tree-campaign-ignored',
          `${path.join('.')}.campaigns: KumoMTA applies the tenant's rate here, or fails when there is none`,
          place,
        );
    } else if (key === 'require_authz' && asList(value) === undefined) {
      context.findings.add('tree-bad-type', `${path.join('.')}.require_authz has to be an array of names`, place);
    } else if (!readField(key, value, tenantExtras, path, into, data, context)) {
      unknownKey(key, path, tenantExtras, context, place);
    }
  }
}

/** `depth` counts the levels that may still follow: a domain holds tenants, a tenant holds campaigns. */
function readQueue(
  table: PolicyTable,
  path: readonly string[],
  into: QueueBlock,
  depth: number,
  data: LoadedData,
  context: Context,
): void {
  for (const [key, value] of Object.entries(table)) {
    const place = data.placeOf([...path, key]);
    if (readField(key, value, queueExtras, path, into, data, context)) {
      if (key === 'overall_max_message_rate') {
        context.findings.add(
          'tree-rate-misplaced',
          `${path.join('.')}.${key} has no effect; it belongs to a tenant`,
          place,
        );
      }
      continue;
    }
    const inner = asTable(value);
    if (inner === undefined || depth === 0) unknownKey(key, path, queueExtras, context, place);
    else readQueue(inner, [...path, key], blockIn(into.inner, key, place), depth - 1, data, context);
  }
}

/** Takes a key that is a field; false when it is none, and so a name or a mistake. */
function readField(
  key: string,
  value: PolicyValue,
  extras: readonly string[],
  path: readonly string[],
  into: QueueBlock,
  data: LoadedData,
  context: Context,
): boolean {
  const place = data.placeOf([...path, key]);
  if (structs.queue_config.fields.has(key)) {
    checkKey(context, 'queue_config', key, value, path.join('.'), (keys) => data.placeOf([...path, ...keys]));
  } else if (!extras.includes(key)) return false;
  else if (key !== 'require_authz' && typeof value !== 'string') {
    context.findings.add('tree-bad-type', `${path.join('.')}.${key} has to be a text`, place);
  } else if (key === 'routing_domain' && /:\d+$/.test(String(value)) && !/^\[[^\]]*\]$/.test(String(value))) {
    need(context, 'a port in routing_domain', '2025.10.06', place);
  }
  into.params.set(key, value);
  into.places.set(key, place);
  return true;
}

function unknownKey(
  key: string,
  path: readonly string[],
  extras: readonly string[],
  context: Context,
  place: Place | undefined,
): void {
  const hint = didYouMean(key, [...structs.queue_config.fields.keys(), ...extras]);
  context.findings.add('tree-unknown-field', `${path.join('.')} has no field ${quoted(key)}${hint}`, place);
}
