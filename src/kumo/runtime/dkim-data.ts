import type { StructName } from '../api/structs';
import { asList, asTable, type PolicyTable, type PolicyValue } from '../api/value';
import type { Context } from './context';
import { createDomainMap, type DomainMap } from './domain-map';
import { type LoadedData, namedTable } from './files';
import type { Place } from './finding';
import { checkTable } from './uses';

/** A signature the DKIM helper makes: the signer's name in `kumo.dkim`, and its parameters. */
export interface PlannedSignature {
  readonly signer: 'rsa_sha256_signer' | 'ed25519_signer';
  readonly params: PolicyTable;
}

/** What the DKIM helper knows. */
export interface DkimData {
  /** Signatures for a message whose From header has this domain, in order. */
  plan(fromDomain: string): readonly PlannedSignature[];
  /** The key files of all blocks that sign; a block for `*.D` has one for every domain, and none is listed. */
  readonly keyFiles: readonly KeyFile[];
}

interface KeyFile {
  readonly path: string;
  /** `domain.example.com` */
  readonly block: string;
  readonly place: Place | undefined;
}

interface Blocks {
  base: PolicyTable;
  readonly domain: Map<string, PolicyTable>;
  readonly signature: Map<string, PolicyTable>;
}

/** Where the helper looks for keys that no `filename` names. */
const keyDir = '/opt/kumomta/etc/dkim';
const inherited = ['selector', 'expiration', 'headers', 'header_canonicalization', 'body_canonicalization'] as const;

/** Reads the files of the DKIM helper and checks them as `kumod --validate` does (facts: helpers, dkim_data.toml). */
export function readDkimData(list: readonly LoadedData[], context: Context): DkimData {
  const blocks: Blocks = { base: {}, domain: new Map(), signature: new Map() };
  for (const data of list) readFile(data, blocks, context);
  const places = new Map<string, Place | undefined>();
  for (const data of list) readPlaces(data, places);
  const first = list[0];
  if (first !== undefined) checkTogether(blocks, first, context);
  const domains: DomainMap<PolicyTable> = createDomainMap();
  for (const [name, block] of blocks.domain) domains.set(name, block);
  return {
    plan: (fromDomain) => plan(blocks, domains.get(fromDomain), fromDomain),
    keyFiles: keyFiles(blocks, places),
  };
}

function readFile(data: LoadedData, blocks: Blocks, context: Context): void {
  for (const [key, value] of Object.entries(data.table)) {
    if (key === 'base') {
      blocks.base = { ...blocks.base, ...readBlock('dkim_base', value, [key], data, context) };
    } else if (key === 'domain' || key === 'signature') {
      const struct = key === 'domain' ? 'dkim_domain' : 'dkim_signature';
      for (const [name, item] of Object.entries(asTable(value) ?? {})) {
        const block = readBlock(struct, item, [key, name], data, context);
        blocks[key].set(name, { ...blocks[key].get(name), ...block });
      }
    } else {
      context.findings.add(
        'tree-unknown-field',
        `the DKIM file knows base, domain and signature only, not ${key}`,
        data.placeOf([key]),
      );
    }
  }
}

function readBlock(
  struct: StructName,
  value: PolicyValue,
  path: readonly string[],
  data: LoadedData,
  context: Context,
): PolicyTable {
  const table = namedTable(value, path, data, context.findings);
  if (table === undefined) return {};
  const complete = struct === 'dkim_signature';
  checkTable(context, struct, table, complete, path.join('.'), (rest) => data.placeOf([...path, ...rest]));
  return table;
}

function checkTogether({ base, domain, signature }: Blocks, data: LoadedData, context: Context): void {
  const used = (asList(base['additional_signatures']) ?? []).filter((name) => typeof name === 'string');
  for (const name of used) {
    if (signature.has(name)) continue;
    context.findings.add(
      'tree-name-unknown',
      `base.additional_signatures names ${name}, but there is no such signature block`,
      data.placeOf(['base', 'additional_signatures']),
    );
  }
  for (const name of signature.keys()) {
    if (used.includes(name)) continue;
    context.findings.add(
      'tree-signature-unused',
      `signature.${name} is not in base.additional_signatures, so it is never made`,
      data.placeOf(['signature', name]),
    );
  }
  for (const [kind, blocks] of [
    ['domain', domain],
    ['signature', signature],
  ] as const) {
    for (const [name, block] of blocks) {
      const place = data.placeOf([kind, name]);
      if ((block['selector'] ?? base['selector']) === undefined) {
        context.findings.add('tree-missing-field', `${kind}.${name} has no selector, and base has none either`, place);
      }
      const headers = asList(block['headers'] ?? base['headers']);
      if (!headers?.some((header) => typeof header === 'string' && header.toLowerCase() === 'from')) {
        context.findings.add(
          'tree-missing-field',
          `${kind}.${name}: headers must be given, with From among them`,
          place,
        );
      }
    }
  }
}

function plan(
  { base, signature }: Blocks,
  block: PolicyTable | undefined,
  fromDomain: string,
): readonly PlannedSignature[] {
  const planned = block === undefined ? [] : [signWith(block, base, fromDomain)];
  for (const name of asList(base['additional_signatures']) ?? []) {
    const extra = typeof name === 'string' ? signature.get(name) : undefined;
    const domain = extra?.['domain'];
    if (extra === undefined || typeof domain !== 'string') continue;
    if (extra['policy'] === 'OnlyIfMissingDomainBlock' && block !== undefined) continue;
    planned.push(signWith(extra, base, domain));
  }
  return planned;
}

function readPlaces(data: LoadedData, places: Map<string, Place | undefined>): void {
  for (const kind of ['domain', 'signature']) {
    for (const [name, block] of Object.entries(asTable(data.table[kind]) ?? {})) {
      const key = asTable(block)?.['filename'] === undefined ? [] : ['filename'];
      places.set(`${kind}.${name}`, data.placeOf([kind, name, ...key]));
    }
  }
}

function keyFiles(
  { base, domain, signature }: Blocks,
  places: ReadonlyMap<string, Place | undefined>,
): readonly KeyFile[] {
  const used = asList(base['additional_signatures']) ?? [];
  const all = [
    ...[...domain].map(([name, block]) => [`domain.${name}`, name, block] as const),
    ...[...signature].flatMap(([name, block]) =>
      used.includes(name) ? [[`signature.${name}`, String(block['domain'] ?? ''), block] as const] : [],
    ),
  ];
  return all.flatMap(([block, name, table]) => {
    if (name.includes('*') || (table['selector'] ?? base['selector']) === undefined) return [];
    const { key } = signWith(table, base, name).params;
    return typeof key === 'string' ? [{ path: key, block, place: places.get(block) }] : [];
  });
}

function signWith(block: PolicyTable, base: PolicyTable, domain: string): PlannedSignature {
  const params: Record<string, PolicyValue> = { domain };
  for (const key of inherited) {
    const value = block[key] ?? base[key];
    if (value !== undefined) params[key] = value;
  }
  // The helper joins the two with `or`, so a block cannot switch off what base switches on.
  if (block['over_sign'] === true || base['over_sign'] === true) params['over_sign'] = true;
  params['key'] = keyFor(block, base, domain, String(params['selector'] ?? ''));
  return { signer: block['algo'] === 'ed25519' ? 'ed25519_signer' : 'rsa_sha256_signer', params };
}

function keyFor(block: PolicyTable, base: PolicyTable, domain: string, selector: string): PolicyValue {
  const mount = base['vault_mount'];
  const named = block['filename'];
  if (mount === undefined) return named ?? `${keyDir}/${domain}/${selector}.key`;
  const prefix = typeof base['vault_path_prefix'] === 'string' ? base['vault_path_prefix'] : 'dkim';
  return { vault_mount: mount, vault_path: named ?? `${prefix}/${domain}/${selector}` };
}
