import { asList, asTable, type PolicyTable, type PolicyValue } from '../kumo/api/value';
import { parseJson, parseToml } from '../kumo/runtime/data-file';
import { textOfString, walkLua } from '../kumo/runtime/lua-places';
import type { Side } from './side';

/** Names that a tree tells apart, found in its data files and in the text of its Lua files. */
export interface Names {
  readonly domains: Set<string>;
  readonly sources: Set<string>;
  readonly pools: Set<string>;
  readonly tenants: Set<string>;
  readonly campaigns: Set<string>;
  /** Domains that sign or may be signed for. */
  readonly authors: Set<string>;
  /** Pairs that some block names together. */
  readonly paths: Map<string, readonly [domain: string, source: string]>;
  readonly queues: Map<string, readonly string[]>;
  /** Ends of the names of mail exchangers that a provider is known by. */
  readonly exchangers: Set<string>;
  /** Sources that a provider names, by some domain of it. */
  readonly users: Set<string>;
  /** Words in Lua: keys of tables and texts, which may be names of anything. */
  readonly words: Set<string>;
}

/** Stands for every domain, source and so on that nothing names. */
export const NOWHERE = { domain: 'named-nowhere.example', source: 'unspecified', name: 'named-nowhere' } as const;

const DOMAIN = /^(?=.{3,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.[a-z][a-z0-9-]{1,62}$/;
/** Files, modules and hosts of KumoMTA itself look like domains, too. */
const NO_DOMAIN = /\.(?:addr|lua|toml|json|csv|zst|log|pem|key|crt|txt)$|^policy-extras\./;
const MOST_WORDS = 4_000;

export function createNames(): Names {
  return {
    domains: new Set(),
    sources: new Set(),
    pools: new Set(),
    tenants: new Set(),
    campaigns: new Set(),
    authors: new Set(),
    paths: new Map(),
    queues: new Map(),
    exchangers: new Set(),
    users: new Set(),
    words: new Set(),
  };
}

/** Adds the names of a tree. */
export function collectNames({ files, parts }: Side, names: Names): void {
  for (const [path, text] of files) {
    if (/^(?:migration\.json|\.pmta2kumo\.json|MIGRATION\.)/.test(path)) continue;
    if (path.endsWith('.lua')) wordsOf(parts.context.lua.file(path)?.chunk, names);
    else if (path.endsWith('.toml')) tableNames(parseToml(text), path, names);
    else if (path.endsWith('.json')) tableNames(parseJson(text), path, names);
  }
  for (const domain of [...names.words].filter(isDomain)) names.domains.add(domain);
}

function isDomain(text: string): boolean {
  return DOMAIN.test(text) && !NO_DOMAIN.test(text);
}

function wordsOf(chunk: Parameters<typeof walkLua>[0] | undefined, names: Names): void {
  if (chunk === undefined) return;
  walkLua(chunk, (node) => {
    const word =
      node.type === 'StringLiteral'
        ? textOfString(node.raw)
        : node.type === 'TableKeyString'
          ? node.key.name
          : undefined;
    if (word !== undefined && word.length <= 100 && word !== '' && names.words.size < MOST_WORDS) names.words.add(word);
  });
}

function tableNames(data: ReturnType<typeof parseToml>, path: string, names: Names): void {
  if (!('table' in data)) return;
  if (path.startsWith('smtp_users')) {
    for (const user of Object.keys(data.table)) names.users.add(user);
    return;
  }
  for (const [key, value] of Object.entries(data.table)) {
    const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
    if (reader !== undefined) reader(tablesIn(value), names);
    else if (asTable(value) !== undefined && key !== 'rules' && key !== 'base')
      domainBlock(key, asTable(value) ?? {}, names);
  }
}

type Tables = readonly (readonly [name: string, table: PolicyTable])[];

function tablesIn(value: PolicyValue | undefined): Tables {
  return Object.entries(asTable(value) ?? {}).flatMap(([name, item]) => {
    const table = asTable(item);
    return table === undefined ? [] : [[name, table] as const];
  });
}

/** Top-level tables of the helpers' files. */
const READERS: Readonly<Record<string, (tables: Tables, names: Names) => void>> = {
  source: (tables, { sources }) => {
    for (const [name] of tables) sources.add(name);
  },
  pool: (tables, { pools, sources }) => {
    for (const [name, members] of tables) {
      pools.add(name);
      for (const member of Object.keys(members)) sources.add(member);
    }
  },
  tenant: (tables, { tenants, pools }) => {
    for (const [name, { egress_pool: pool }] of tables) {
      tenants.add(name);
      if (typeof pool === 'string') pools.add(pool);
    }
  },
  queue: (tables, names) => {
    for (const [domain, block] of tables) queueBlock(domain, block, names);
  },
  domain: (tables, { authors }) => {
    for (const [name] of tables) authors.add(below(name));
  },
  signature: (tables, { authors }) => {
    for (const [, { domain }] of tables) if (typeof domain === 'string') authors.add(domain);
  },
  provider: (tables, names) => {
    for (const [, provider] of tables) providerBlock(provider, names);
  },
  listener: (tables, names) => {
    for (const [, domains] of tables) for (const name of Object.keys(domains)) addDomain(name, names);
  },
};

function queueBlock(domain: string, block: PolicyTable, names: Names): void {
  const name = domain === 'default' ? NOWHERE.domain : below(domain);
  if (domain !== 'default') addDomain(domain, names);
  if (typeof block['egress_pool'] === 'string') names.pools.add(block['egress_pool']);
  for (const [tenant, inner] of tablesIn(tableOnly(block))) {
    names.tenants.add(tenant);
    names.queues.set(JSON.stringify([name, tenant]), [name, tenant]);
    for (const [campaign] of tablesIn(tableOnly(inner))) {
      names.campaigns.add(campaign);
      names.queues.set(JSON.stringify([name, tenant, campaign]), [name, tenant, campaign]);
    }
  }
}

/** Without the fields of a queue that are tables themselves. */
function tableOnly({ protocol: _, ...rest }: PolicyTable): PolicyTable {
  return rest;
}

function domainBlock(name: string, block: PolicyTable, names: Names): void {
  if (name !== 'default') addDomain(name, names);
  const domain = name === 'default' ? NOWHERE.domain : below(name);
  for (const source of Object.keys(asTable(block['sources']) ?? {})) {
    names.sources.add(source);
    names.paths.set(JSON.stringify([domain, source]), [domain, source]);
  }
}

function providerBlock(provider: PolicyTable, names: Names): void {
  const domains: string[] = [];
  for (const rule of asList(provider['match']) ?? []) {
    const { DomainSuffix: suffix, MXSuffix: mx, HostName: host } = asTable(rule) ?? {};
    if (typeof suffix === 'string') domains.push(suffix === '' ? NOWHERE.domain : suffix.replace(/^\./, 'a.'));
    for (const end of [mx, host]) {
      if (typeof end !== 'string') continue;
      names.exchangers.add(end);
      domains.push(exchangedBy(end));
    }
  }
  for (const domain of domains) if (domain !== NOWHERE.domain) addDomain(domain, names);
  for (const source of Object.keys(asTable(provider['sources']) ?? {})) {
    names.sources.add(source);
    for (const domain of domains) names.paths.set(JSON.stringify([domain, source]), [domain, source]);
  }
}

/** A made-up domain whose only mail exchanger has this name, or a name with this end. */
export function exchangedBy(host: string): string {
  return `mx-${host.replace(/[^\w-]/g, '-')}.example`;
}

function addDomain(name: string, { domains }: Names): void {
  if (name !== '*' && name !== '') domains.add(below(name));
}

/** Some name that a wildcard stands for. */
function below(name: string): string {
  return name.replace(/^\*\./, 'a.');
}
