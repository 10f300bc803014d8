import type { FieldMap, KumoValue, ProviderBlock } from '../kumo/model';
import type { MxSnapshot } from '../kumo/mx-snapshot';
import type { PassContext } from './pass';

/**
 * What KumoMTA would use for a field of the egress path from what the policy holds so far, in its own order: default,
 * matching providers, their sources, the domain's block, its sources (KumoMTA shaping, "Resolution").
 */
export function resolvePathField(
  { policy, options }: Pick<PassContext, 'options' | 'policy'>,
  domain: string,
  source: string | undefined,
  field: string,
): KumoValue | undefined {
  const { shaping } = policy;
  const layers: (FieldMap | undefined)[] = [shaping.default.fields];
  const matching = shaping.providers.filter((provider) => providerMatches(provider, domain, options.mx));
  for (const provider of matching) layers.push(provider.fields);
  if (source !== undefined) for (const provider of matching) layers.push(provider.sources.get(source)?.fields);
  const block = shaping.domains.get(domain);
  layers.push(block?.fields);
  if (source !== undefined) layers.push(block?.sources.get(source)?.fields);
  let value: KumoValue | undefined;
  for (const layer of layers) value = layer?.get(field)?.value ?? value;
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
