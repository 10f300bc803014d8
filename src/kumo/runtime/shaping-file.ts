import { parseLimit, parseThrottle, rateForm } from '../api/grammars';
import { tooNew } from '../api/use';
import { asList, asTable, type PolicyTable, type PolicyValue, quoted } from '../api/value';
import type { Context } from './context';
import type { LoadedData } from './files';
import type { Place } from './finding';
import { type AutomationRule, readRule } from './shaping-rule';
import { checkKey, need } from './uses';

/** Fields of a path, in file order. */
export type Params = Map<string, PolicyValue>;

/** A block of a shaping file: `default`, a domain or a provider. */
export interface ShapingBlock {
  readonly name: string;
  readonly params: Params;
  readonly sources: Map<string, Params>;
  readonly automation: readonly AutomationRule[];
  readonly replaceBase: boolean;
  readonly mxRollup: boolean;
  /** The place of a key below the block. */
  placeOf(keys: readonly string[]): Place | undefined;
}

export type ProviderMatch = { readonly kind: 'MXSuffix' | 'DomainSuffix' | 'HostName'; readonly text: string };

export interface ProviderBlock extends ShapingBlock {
  readonly match: readonly ProviderMatch[];
  readonly limit?: PolicyValue;
  readonly rate?: string;
}

export interface ShapingFile {
  readonly data: LoadedData;
  readonly default?: ShapingBlock;
  readonly domains: readonly ShapingBlock[];
  readonly providers: readonly ProviderBlock[];
}

const domainKeys = ['automation', 'mx_rollup', 'replace_base', 'sources'];
const providerKeys = [
  'automation',
  'match',
  'provider_connection_limit',
  'provider_max_message_rate',
  'replace_base',
  'sources',
];

/** Reads one shaping file and checks every key of it (facts: format of shaping files). */
export function readShapingFile(data: LoadedData, context: Context): ShapingFile {
  const domains: ShapingBlock[] = [];
  const providers: ProviderBlock[] = [];
  let standard: ShapingBlock | undefined;
  for (const [name, value] of Object.entries(data.table)) {
    const table = asTable(value);
    if (table === undefined) {
      context.findings.add('tree-bad-type', `${quoted(name)} has to be a table`, data.placeOf([name]));
    } else if (name === 'provider') providers.push(...readProviders(table, data, context));
    else if (name === 'default') standard = readBlock(name, [name], table, domainKeys, data, context);
    else domains.push(readBlock(name, [name], table, domainKeys, data, context));
  }
  if (standard !== undefined && standard.sources.size > 0) {
    const place = data.placeOf(['default', 'sources']);
    context.findings.add(
      'tree-default-sources',
      'default.sources is accepted and never read; use a provider that matches all',
      place,
    );
  }
  const file = { data, domains, providers };
  return standard === undefined ? file : { ...file, default: standard };
}

function readBlock(
  name: string,
  path: readonly string[],
  table: PolicyTable,
  reserved: readonly string[],
  data: LoadedData,
  context: Context,
): ShapingBlock {
  const where = path.join('.');
  const params: Params = new Map();
  for (const [key, value] of Object.entries(table)) {
    if (reserved.includes(key)) continue;
    params.set(key, value);
    checkKey(context, 'egress_path', key, value, where, (rest) => data.placeOf([...path, ...rest]));
  }
  for (const key of ['mx_rollup', 'replace_base']) {
    if (reserved.includes(key) && table[key] !== undefined && typeof table[key] !== 'boolean') {
      context.findings.add('tree-bad-type', `${where}.${key} has to be true or false`, data.placeOf([...path, key]));
    }
  }
  return {
    name,
    params,
    sources: readSources(table['sources'], [...path, 'sources'], reserved === providerKeys, data, context),
    automation: readAutomation(table['automation'], path, data, context),
    replaceBase: table['replace_base'] === true,
    mxRollup: table['mx_rollup'] !== false,
    placeOf: (keys) => data.placeOf([...path, ...keys]),
  };
}

function readSources(
  value: PolicyValue | undefined,
  path: readonly string[],
  ofProvider: boolean,
  data: LoadedData,
  context: Context,
): Map<string, Params> {
  const sources = new Map<string, Params>();
  for (const [source, item] of Object.entries(asTable(value) ?? {})) {
    const table = asTable(item);
    const place = (rest: readonly string[]) => data.placeOf([...path, source, ...rest]);
    if (table === undefined) {
      context.findings.add('tree-bad-type', `${[...path, source].join('.')} has to be a table`, place([]));
      continue;
    }
    sources.set(source, new Map(Object.entries(table)));
    for (const [key, field] of Object.entries(table)) {
      if (ofProvider && key === 'provider_source_selection_rate') checkSelectionRate(field, context, place([key]));
      else checkKey(context, 'egress_path', key, field, [...path, source].join('.'), place);
    }
  }
  return sources;
}

function checkSelectionRate(value: PolicyValue, context: Context, place: ReturnType<LoadedData['placeOf']>): void {
  const name = 'provider_source_selection_rate';
  need(context, name, '2025.03.19', place);
  checkRate(value, `${name} has to be a rate like "50/day"`, context, place);
}

/** A rate of a provider, which no table of parameters has. */
function checkRate(value: PolicyValue, fault: string, context: Context, place: Place | undefined): void {
  const rate = typeof value === 'string' ? parseThrottle(value) : undefined;
  if (rate === undefined) {
    const isZero = typeof value === 'string' && /^(?:local:)?0+\//.test(value);
    context.findings.add(isZero ? 'tree-limit-zero' : 'tree-bad-value', fault, place);
  } else need(context, rateForm(rate), rate.since, place);
}

function checkLimit(value: PolicyValue, fault: string, context: Context, place: Place | undefined): void {
  const limit = parseLimit(value);
  if (limit === undefined) context.findings.add(value === 0 ? 'tree-limit-zero' : 'tree-bad-value', fault, place);
  else need(context, typeof value === 'string' ? 'a limit in quotes' : 'a limit', limit.since, place);
}

function readAutomation(
  value: PolicyValue | undefined,
  path: readonly string[],
  data: LoadedData,
  context: Context,
): readonly AutomationRule[] {
  if (value === undefined) return [];
  const block = path.join(' ');
  const items = asList(value);
  if (items === undefined) {
    const place = data.placeOf([...path, 'automation']);
    context.findings.add(
      'tree-bad-type',
      `automation of ${block} has to be an array of tables, [["${block}".automation]]`,
      place,
    );
    return [];
  }
  return items
    .map((item, at) => {
      const own = [...path, 'automation', String(at + 1)];
      return readRule(item, block, context, (keys) => data.placeOf([...own, ...keys]));
    })
    .filter((rule) => rule !== undefined);
}

/** Providers in the order of the file; names like `163` would come first in a plain object. */
function readProviders(table: PolicyTable, data: LoadedData, context: Context): readonly ProviderBlock[] {
  const lineOf = (name: string) => data.placeOf(['provider', name])?.line ?? 0;
  const names = Object.keys(table);
  if (names.some((name) => /^\d+$/.test(name))) names.sort((a, b) => lineOf(a) - lineOf(b));
  return names.flatMap((name) => {
    const block = asTable(table[name]);
    if (block !== undefined) return [readProvider(name, block, data, context)];
    context.findings.add('tree-bad-type', `provider.${name} has to be a table`, data.placeOf(['provider', name]));
    return [];
  });
}

function readProvider(name: string, table: PolicyTable, data: LoadedData, context: Context): ProviderBlock {
  const path = ['provider', name];
  const limit = table['provider_connection_limit'];
  const rate = table['provider_max_message_rate'];
  const place = (key: string) => data.placeOf([...path, key]);
  if (limit !== undefined) {
    const fault = `provider.${name}.provider_connection_limit is not a limit`;
    checkLimit(limit, fault, context, place('provider_connection_limit'));
  }
  if (rate !== undefined) {
    const fault = `provider.${name}.provider_max_message_rate is not a rate`;
    checkRate(rate, fault, context, place('provider_max_message_rate'));
  }
  const match = readMatch(name, table['match'], context, place('match'));
  if (match.length === 0) {
    context.findings.add(
      'tree-provider-unmatched',
      `provider.${name} has no match list, so it never applies`,
      data.placeOf(path),
    );
  }
  return {
    ...readBlock(name, path, table, providerKeys, data, context),
    match,
    ...(limit === undefined ? {} : { limit }),
    ...(typeof rate === 'string' ? { rate } : {}),
  };
}

function readMatch(
  name: string,
  value: PolicyValue | undefined,
  context: Context,
  place: ReturnType<LoadedData['placeOf']>,
): readonly ProviderMatch[] {
  return (asList(value) ?? []).flatMap((item) => {
    const [entry, ...more] = Object.entries(asTable(item) ?? {});
    const [kind, text] = entry ?? [];
    const known = kind === 'MXSuffix' || kind === 'DomainSuffix' || kind === 'HostName';
    if (!known || typeof text !== 'string' || more.length > 0) {
      context.findings.add(
        'tree-bad-value',
        `provider.${name}: an entry of match is one of MXSuffix, DomainSuffix, HostName`,
        place,
      );
      return [];
    }
    if (kind === 'HostName') {
      const message = `provider.${name}: ${tooNew('HostName', '2025.01.23')}`;
      need(context, 'HostName in match of a provider', '2025.01.23', place, message);
    }
    if (text !== text.toLowerCase()) {
      context.findings.add(
        'tree-upper-case',
        `provider.${name}: ${quoted(text)} is compared with lower-case names`,
        place,
      );
    }
    return [{ kind, text }];
  });
}
