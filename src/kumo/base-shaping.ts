import type { KumoValue } from './model';

/** Which of KumoMTA's own shaping files are loaded before the tree's. */
export type BaseShaping = 'none' | 'stock' | 'community';

/** A block of a shaping file that KumoMTA ships, as far as it sets limits; its rules are not listed. */
export interface BaseBlock {
  readonly file: Exclude<BaseShaping, 'none'>;
  readonly kind: 'default' | 'domain' | 'provider';
  /** Name of the domain or provider; empty for the default. */
  readonly name: string;
  /** MX suffixes of a provider. */
  readonly suffixes: readonly string[];
  readonly fields: Readonly<Record<string, KumoValue>>;
}

/** Where the package puts the files, in the order in which they are loaded. */
export const BASE_SHAPING_FILES: Readonly<Record<BaseBlock['file'], string>> = {
  stock: '/opt/kumomta/share/policy-extras/shaping.toml',
  community: '/opt/kumomta/share/community/shaping.toml',
};

/** The files behind a choice: the community's file adds to the stock one. */
export function baseShapingFiles(base: BaseShaping): readonly BaseBlock['file'][] {
  if (base === 'none') return [];
  return base === 'stock' ? ['stock'] : ['stock', 'community'];
}

/**
 * What KumoMTA's shaping files set (assets/policy-extras/shaping.toml and assets/community/shaping.toml as of August
 * 2026). Sorted by file, kind and name; a test keeps it so. Blocks for its documentation's examples are left out.
 */
export const BASE_BLOCKS: readonly BaseBlock[] = [
  {
    file: 'community',
    kind: 'domain',
    name: 'yahoo.co.jp',
    suffixes: [],
    fields: { connection_limit: 2, max_deliveries_per_connection: 20, max_message_rate: '10/s' },
  },
  {
    file: 'community',
    kind: 'provider',
    name: '163.com',
    suffixes: ['.netease.com'],
    fields: { connection_limit: 4, enable_tls: 'RequiredInsecure', max_deliveries_per_connection: 7 },
  },
  {
    file: 'community',
    kind: 'provider',
    name: 'barracuda',
    suffixes: ['.barracudanetworks.com.'],
    fields: { enable_tls: 'Required', max_deliveries_per_connection: 15, provider_connection_limit: 10 },
  },
  {
    file: 'community',
    kind: 'provider',
    name: 'gmx.net_web.de',
    suffixes: ['.web.de', '.gmx.net'],
    fields: {
      connection_limit: 4,
      consecutive_connection_failures_before_delay: 5,
      enable_tls: 'Required',
      max_deliveries_per_connection: 20,
    },
  },
  {
    file: 'community',
    kind: 'provider',
    name: 'kpn',
    suffixes: ['.kpnmail.nl.'],
    fields: { connection_limit: 10, enable_tls: 'Required', max_deliveries_per_connection: 10 },
  },
  {
    file: 'community',
    kind: 'provider',
    name: 'netvigator',
    suffixes: ['.netvigator.com.'],
    fields: { enable_tls: 'Required', max_deliveries_per_connection: 10, provider_connection_limit: 5 },
  },
  {
    file: 'community',
    kind: 'provider',
    name: 'qq.com',
    suffixes: ['.qq.com'],
    fields: { connection_limit: 4, enable_tls: 'Required', max_deliveries_per_connection: 8 },
  },
  {
    file: 'stock',
    kind: 'default',
    name: '',
    suffixes: [],
    fields: {
      connection_limit: 10,
      consecutive_connection_failures_before_delay: 100,
      data_dot_timeout: '60s',
      data_timeout: '30s',
      enable_tls: 'Opportunistic',
      idle_timeout: '60s',
      max_connection_rate: '100/min',
      max_deliveries_per_connection: 100,
      max_message_rate: '100/s',
      remember_broken_tls: '3 days',
    },
  },
  {
    file: 'stock',
    kind: 'domain',
    name: 'comcast.net',
    suffixes: [],
    fields: {
      connection_limit: 25,
      consecutive_connection_failures_before_delay: 24,
      enable_tls: 'Required',
      idle_timeout: '30s',
      max_deliveries_per_connection: 1000,
    },
  },
  {
    file: 'stock',
    kind: 'domain',
    name: 'mail.com',
    suffixes: [],
    fields: { max_deliveries_per_connection: 100 },
  },
  {
    file: 'stock',
    kind: 'domain',
    name: 'smtp.mailgun.com',
    suffixes: [],
    fields: { connection_limit: 7000, max_deliveries_per_connection: 3 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'apple',
    suffixes: ['.icloud.com'],
    fields: { max_deliveries_per_connection: 5, provider_connection_limit: 10 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'google',
    suffixes: ['.google.com', '.googlemail.com'],
    fields: {
      consecutive_connection_failures_before_delay: 5,
      enable_tls: 'Required',
      max_deliveries_per_connection: 50,
      provider_connection_limit: 5,
    },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'mimecast',
    suffixes: ['.mimecast.com', '.mimecast.co.za', '.mimecast-offshore.com'],
    fields: { connection_limit: 10, max_deliveries_per_connection: 100 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'office365',
    suffixes: ['.mail.protection.outlook.com'],
    fields: { max_deliveries_per_connection: 50, provider_connection_limit: 5 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'office365-dane',
    suffixes: ['.mx.microsoft'],
    fields: { max_deliveries_per_connection: 50, provider_connection_limit: 5 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'orange',
    suffixes: ['.orange.fr'],
    fields: { enable_tls: 'Required', max_deliveries_per_connection: 100, provider_connection_limit: 2 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'outlook',
    suffixes: ['.olc.protection.outlook.com'],
    fields: { max_deliveries_per_connection: 50, provider_connection_limit: 5 },
  },
  {
    file: 'stock',
    kind: 'provider',
    name: 'yahoo',
    suffixes: ['.yahoodns.net'],
    fields: { max_deliveries_per_connection: 20 },
  },
];

/** A shipped file as the table that KumoMTA would read, without its rules; undefined for any other path. */
export function baseShapingTable(path: string): Readonly<Record<string, KumoValue>> | undefined {
  const file = (['stock', 'community'] as const).find((name) => BASE_SHAPING_FILES[name] === path);
  if (file === undefined) return undefined;
  const blocks = BASE_BLOCKS.filter((block) => block.file === file);
  const providers = blocks.filter(({ kind }) => kind === 'provider');
  return {
    ...Object.fromEntries(
      blocks.filter(({ kind }) => kind !== 'provider').map(({ name, fields }) => [name || 'default', fields]),
    ),
    provider: Object.fromEntries(
      providers.map(({ name, suffixes, fields }) => [
        name,
        { match: suffixes.map((suffix) => ({ MXSuffix: suffix })), ...fields },
      ]),
    ),
  };
}
