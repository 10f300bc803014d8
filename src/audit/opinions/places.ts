import { effectiveSettings, patternsOf } from '../../pmta/match';
import type { DomainPattern, DomainScope, EffectiveSettings, PmtaConfig, VirtualMta } from '../../pmta/model';

/** Queue settings as they count in one place: for one pattern, at the top level or in a virtual-mta. */
export interface Place {
  readonly settings: EffectiveSettings;
  /** Settings that something other than this place's own scope gave are told there. */
  readonly vmta?: VirtualMta;
}

/** Every pattern of the top level, and of each virtual-mta that has domain blocks, its own or its pool's. */
export function placesIn(config: PmtaConfig): readonly Place[] {
  const top = probesOf(config.domains).map((domain) => ({ settings: effectiveSettings(config, undefined, domain) }));
  const own = [...config.virtualMtas.values()].flatMap((vmta) =>
    [vmta.domains, ...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains])]
      .flatMap(probesOf)
      .map((domain) => ({ vmta, settings: effectiveSettings(config, vmta, domain) })),
  );
  return [...top, ...own];
}

/** A domain for each pattern that fits it, and nothing more special unless another pattern does. */
export function probesOf(scope: DomainScope): readonly string[] {
  return patternsOf(scope).flatMap((pattern) => probeOf(pattern) ?? []);
}

function probeOf(pattern: DomainPattern): string | undefined {
  switch (pattern.form) {
    case 'any':
      return 'any-other-domain.invalid';
    case 'name':
    case 'tree':
      return pattern.name;
    case 'below':
      return `any-subdomain.${pattern.name}`;
    case 'literal':
      return undefined;
  }
}
