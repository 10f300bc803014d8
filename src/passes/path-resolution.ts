import type { Field, FieldMap, KumoTable, KumoValue, ProviderBlock } from '../kumo/model';
import type { MxSnapshot } from '../kumo/mx-snapshot';
import type { PassContext } from './pass';

type Written = Pick<PassContext, 'options' | 'policy'>;

/**
 * What KumoMTA would use for a field of the egress path from what the policy holds so far, in its own order: default,
 * matching providers, their sources, the domain's block, its sources (KumoMTA shaping, "Resolution").
 */
export function resolvePathField(
  context: Written,
  domain: string,
  source: string | undefined,
  field: string,
): KumoValue | undefined {
  return resolve(context, domain, source, (layer) => layer.get(field)?.value);
}

/** The field that gives {@link resolvePathField} its value. */
export function fieldBehind(
  context: Written,
  domain: string,
  source: string | undefined,
  field: string,
): Field | undefined {
  return resolve(context, domain, source, (layer) => layer.get(field));
}

/** The same for one entry of a table whose layers KumoMTA joins, such as additional_connection_limits. */
export function resolvePathEntry(
  context: Written,
  domain: string,
  source: string,
  table: string,
  key: string,
): KumoValue | undefined {
  return resolve(context, domain, source, (layer) => entryOf(layer.get(table), key));
}

function entryOf(field: Field | undefined, key: string): KumoValue | undefined {
  return isTable(field?.value) ? field.value[key] : undefined;
}

/** True for a table, false for lists and single values. */
export function isTable(value: KumoValue | undefined): value is KumoTable {
  return typeof value === 'object' && !Array.isArray(value);
}

function resolve<T>(
  { policy, options }: Written,
  domain: string,
  source: string | undefined,
  read: (layer: FieldMap) => T | undefined,
): T | undefined {
  const { shaping } = policy;
  const layers: (FieldMap | undefined)[] = [shaping.default.fields];
  const matching = shaping.providers.filter((provider) => providerMatches(provider, domain, options.mx));
  for (const provider of matching) layers.push(provider.fields);
  if (source !== undefined) for (const provider of matching) layers.push(provider.sources.get(source)?.fields);
  const block = shaping.domains.get(domain);
  layers.push(block?.fields);
  if (source !== undefined) layers.push(block?.sources.get(source)?.fields);
  let value: T | undefined;
  for (const layer of layers) if (layer !== undefined) value = read(layer) ?? value;
  return value;
}

/** KumoMTA's rule: a domain suffix is enough by itself, else every MX host has to fit some entry. */
function providerMatches(provider: ProviderBlock, domain: string, mx: MxSnapshot): boolean {
  if (provider.match.some((entry) => 'DomainSuffix' in entry && domain.endsWith(entry.DomainSuffix))) return true;
  const hosts = mx.hostsOf(domain);
  return (
    hosts.length > 0 &&
    hosts.every((host) =>
      provider.match.some(
        (entry) =>
          ('MXSuffix' in entry && host.endsWith(entry.MXSuffix)) || ('HostName' in entry && host === entry.HostName),
      ),
    )
  );
}
