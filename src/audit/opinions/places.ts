import { effectiveSettings, patternsOf } from '../../pmta/match';
import type { DomainPattern, DomainScope, EffectiveSettings, PmtaConfig, Setting } from '../../pmta/model';

/**
 * Queue settings as they count for every pattern: those of the top level, and in each virtual-mta those of its own
 * domain blocks and its pool's.
 */
export function placesIn(config: PmtaConfig): readonly EffectiveSettings[] {
  const top = probesOf(config.domains).map((domain) => effectiveSettings(config, undefined, domain));
  const own = [...config.virtualMtas.values()].flatMap((vmta) =>
    [vmta.domains, vmta.domainPool?.domains]
      .flatMap((scope) => probesOf(scope))
      .map((domain) => effectiveSettings(config, vmta, domain)),
  );
  return [...top, ...own];
}

/**
 * A domain for each pattern that fits it, and nothing more special unless another pattern does. With `wanted`, only for
 * blocks with such a line.
 */
export function probesOf(scope: DomainScope | undefined, wanted?: (line: Setting) => boolean): readonly string[] {
  const blocks = scope?.blocks.filter(({ block }) => wanted === undefined || block.settings.some(wanted)) ?? [];
  return patternsOf({ blocks }).flatMap((pattern) => probeOf(pattern) ?? []);
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
