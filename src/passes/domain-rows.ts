import type { ByDomain } from '../kumo/reception-lua';
import { effectiveSettings, patternsOf } from '../pmta/match';
import type { DomainScope, EffectiveSettings, VirtualMta } from '../pmta/model';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { ownScopes, placesOf } from './places';

/**
 * What `read` makes of the settings for mail to each recipient domain, for everybody and for each virtual-mta whose own
 * or pool's `<domain>` blocks have one of the directives. In Lua a virtual-mta's value for all domains goes before what
 * holds for everybody, as in PowerMTA; so such a virtual-mta repeats the domains of the top level.
 */
export function domainRows<Value>(
  context: PassContext,
  directives: readonly string[],
  read: (settings: EffectiveSettings) => Value | undefined,
): readonly ByDomain<Value>[] {
  const { config } = context;
  const rows: ByDomain<Value>[] = [];
  const add = (vmta: VirtualMta | undefined, tenant: string, domain: string): void => {
    const settings = effectiveSettings(config, vmta, domain);
    const value = read(settings);
    const origins = directives.flatMap((name) => settings.get(name)?.setting.span ?? []);
    if (value !== undefined) rows.push({ domain: domain === '*' ? 'default' : domain, tenant, value, origins });
  };
  for (const { domain } of placesOf([config.domains])) add(undefined, '', domain);
  for (const vmta of config.virtualMtas.values()) {
    const scopes = ownScopes(vmta);
    if (!scopes.some((scope) => hasAny(scope, directives))) continue;
    const everywhere = scopes.some((scope) => patternsOf(scope).some((pattern) => pattern.form === 'any'));
    for (const { domain } of placesOf(everywhere ? [...scopes, config.domains] : scopes)) {
      for (const tenant of tenantsOf(context, vmta)) add(vmta, tenant, domain);
    }
  }
  return withShadowed(rows);
}

function hasAny({ blocks }: DomainScope, directives: readonly string[]): boolean {
  return blocks.some(({ block }) =>
    block.settings.some(({ name, value }) => value !== undefined && directives.includes(name)),
  );
}
