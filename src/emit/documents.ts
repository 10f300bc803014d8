import type { FieldBlock, KumoPolicy } from '../kumo/model';
import { regexList, tomlValue } from './quote-toml';
import { type TomlBlock, type TomlText, tomlText } from './toml-document';
import { equalTables, fieldEntries, namedTable, tableBlock, tableBlocks } from './toml-rows';

/** listener_domains.toml: for whom mail is accepted (listener-domains helper). */
export function listenerDomainsDocument(policy: KumoPolicy): TomlText {
  const { parts, rest } = equalTables(tablesOf(policy.listenerDomains));
  return tomlText([{ path: [], parts }, ...rest.map((table) => tableBlock([], table))], '"');
}

/** dkim_data.toml (DKIM helper). */
export function dkimDocument({ dkim }: KumoPolicy): TomlText {
  const { comments, origins, fields } = dkim.base;
  const base: TomlBlock = {
    path: ['base'],
    parts: fields.size === 0 ? [] : [{ comments, origins, entries: fieldEntries(fields) }],
  };
  return tomlText(
    [
      base,
      ...tableBlocks(['domain'], tablesOf(dkim.domains)),
      ...tableBlocks(['signature'], tablesOf(dkim.signatures)),
    ],
    '"',
  );
}

/** smtp_users.toml: name → password and named source. Read by the handler in init.lua. */
export function usersDocument(policy: KumoPolicy): TomlText {
  const tables = [...policy.users.values()].map(({ name, password, source, origins }) => ({
    name,
    comments: [],
    origins,
    entries: [
      { key: 'password', value: tomlValue(password), origins },
      ...(source === undefined ? [] : [{ key: 'source', value: tomlValue(source), origins: [] }]),
    ],
  }));
  return tomlText(tableBlocks([], tables), '"');
}

/** One file of bounce_rules/: class → regular expressions (bounce classifier). */
export function bounceDocument(set: KumoPolicy['bounceRules'][number]): TomlText {
  const entries = [...set.rules].map(([name, patterns]) => ({ key: name, value: regexList(patterns), origins: [] }));
  return tomlText([{ path: ['rules'], parts: [{ comments: [], origins: set.origins, entries }] }], '"');
}

function tablesOf(blocks: ReadonlyMap<string, FieldBlock>) {
  return [...blocks].map(([name, block]) => namedTable(name, block));
}
