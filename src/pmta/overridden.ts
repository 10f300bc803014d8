import { groupBy } from './group-by';
import { patternSettings } from './match';
import type { DomainBlock, DomainScope, PmtaConfig, ScopeBlock, Setting } from './model';
import { isRead, winnerOf } from './precedence';

/**
 * Settings that can never count because another line for the same thing wins, with that line: a scalar given again in
 * its block or in a merged one, a macro defined again, a `<domain>` setting that loses for each of its patterns.
 * Settings at fault and directives that add up are not in it.
 */
export function overriddenSettings(config: PmtaConfig): ReadonlyMap<Setting, Setting> {
  const overridden = new Map<Setting, Setting>();
  for (const blocks of mergedBlocks(config)) addScalars(blocks, overridden);
  for (const scope of domainScopes(config)) {
    for (const domain of scope.blocks) addDomain(scope, domain, overridden);
  }
  for (const setting of config.top.settings) {
    if (setting.value?.kind !== 'domain-macro') continue;
    const winner = config.macros.get(setting.value.name.toLowerCase())?.setting;
    if (winner !== undefined && winner !== setting) overridden.set(setting, winner);
  }
  return overridden;
}

/** Blocks other than `<domain>`, those that are merged together. */
function mergedBlocks(config: PmtaConfig): readonly (readonly ScopeBlock[])[] {
  return [
    [config.top],
    ...[...config.virtualMtas.values(), ...config.pools.values(), ...config.sources].map(({ blocks }) => blocks),
    ...[...config.named.values()].flatMap((byName) => [...byName.values()]),
  ];
}

function domainScopes(config: PmtaConfig): readonly DomainScope[] {
  const senders = [...config.virtualMtas.values(), ...config.pools.values()];
  return [config.domains, ...senders.map(({ domains }) => domains)];
}

function addScalars(blocks: readonly ScopeBlock[], overridden: Map<Setting, Setting>): void {
  for (const lines of groupBy(blocks.flatMap(scalarsOf), ({ name }) => name).values()) {
    const winner = winnerOf(lines);
    for (const line of lines) {
      if (winner !== undefined && line !== winner) overridden.set(line, winner);
    }
  }
}

function addDomain(scope: DomainScope, { block, patterns }: DomainBlock, overridden: Map<Setting, Setting>): void {
  const [first] = patterns;
  if (first === undefined) return;
  for (const line of scalarsOf(block)) {
    const wins = patterns.some((pattern) => patternSettings(scope, pattern).get(line.name) === line);
    const winner = patternSettings(scope, first).get(line.name);
    if (!wins && winner !== undefined) overridden.set(line, winner);
  }
}

function scalarsOf(block: ScopeBlock): readonly Setting[] {
  return block.settings.filter(isRead).filter(({ name, row }) => row?.repeats === 'last' && name !== 'include');
}
