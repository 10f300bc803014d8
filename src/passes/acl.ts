import type { PmtaConfig, SourceAcl } from '../pmta/model';
import { type ReadSetting, winnersByName } from '../pmta/precedence';
import { namedSource } from '../pmta/source-match';
import { contains, prefixLength, subtract } from './cidr';

/** PowerMTA's base for every client of either address family (M5 3.3.7). */
export const EVERYBODY = '0.0.0.0/0';

/** What PowerMTA's `<source>` blocks say together about the clients of one network. */
export interface PeerRule {
  readonly cidr: string;
  readonly settings: ReadonlyMap<string, ReadSetting>;
}

/**
 * One rule per network that a `<source>` names, and one for everybody, from general to special. Each holds the merged
 * settings of all networks around it, overlaid by the named sources given (of the listener, then of the user), which
 * beat those of the address one by one (M5 3.3.7, 8.4.3).
 */
export function peerRules(config: PmtaConfig, ...names: readonly string[]): readonly PeerRule[] {
  const byAddress = config.sources.filter((source) => source.cidr !== undefined);
  const networks = new Set([EVERYBODY, ...byAddress.flatMap(({ cidr }) => cidr ?? [])]);
  const overlays = names.map((name) => namedSource(config, name) ?? new Map<string, ReadSetting>());
  return [...networks]
    .sort((a, b) => prefixLength(a) - prefixLength(b))
    .map((cidr) => ({ cidr, settings: merged(byAddress, cidr, overlays) }));
}

function merged(
  byAddress: readonly SourceAcl[],
  cidr: string,
  overlays: readonly ReadonlyMap<string, ReadSetting>[],
): ReadonlyMap<string, ReadSetting> {
  const around = byAddress
    .filter((source) => source.cidr === EVERYBODY || contains(source.cidr ?? '', cidr))
    .sort((a, b) => prefixLength(a.cidr ?? '') - prefixLength(b.cidr ?? ''));
  const settings = new Map(winnersByName(around.flatMap((source) => source.blocks)));
  for (const overlay of overlays) for (const [name, setting] of overlay) settings.set(name, setting);
  return settings;
}

/** A switch of a rule; PowerMTA's default when nothing sets it. */
export function isOn(rule: PeerRule, name: string, byDefault: boolean): boolean {
  const value = rule.settings.get(name)?.value;
  return value?.kind === 'bool' ? value.value : byDefault;
}

/** True when clients of the network may hand in mail for anybody, with or without authentication. */
export function mayRelay(rule: PeerRule): boolean {
  return isOn(rule, 'always-allow-relaying', false) && isOn(rule, 'smtp-service', true);
}

/** True when they may do so without authentication. */
export function relaysByAddress(rule: PeerRule): boolean {
  return mayRelay(rule) && !isOn(rule, 'require-auth', false);
}

export interface RelayHosts {
  /** As KumoMTA's relay_hosts wants them: strict CIDRs. */
  readonly cidrs: readonly string[];
  readonly settings: readonly ReadSetting[];
}

/** The networks that relay without authentication; a more special network that may not is cut out of the wider one. */
export function relayHosts(rules: readonly PeerRule[]): RelayHosts {
  let cidrs: readonly string[] = [];
  const settings = new Set<ReadSetting>();
  for (const rule of rules) {
    for (const cidr of rule.cidr === EVERYBODY ? [EVERYBODY, '::/0'] : [rule.cidr]) {
      if (!relaysByAddress(rule)) cidrs = cidrs.flatMap((allowed) => subtract(allowed, [cidr]));
      else if (!cidrs.some((allowed) => contains(allowed, cidr))) cidrs = [...cidrs, ...subtract(cidr, [])];
    }
    const setting = rule.settings.get('always-allow-relaying');
    if (setting !== undefined) settings.add(setting);
  }
  return { cidrs, settings: [...settings] };
}

/** The source that a listener names: the first one of the configuration that says the same, so that like ones become one. */
export function canonicalSource(config: PmtaConfig, name: string): string {
  const wanted = contentOf(config, name);
  const named = config.sources.filter((source) => source.cidr === undefined);
  return (named.find((source) => contentOf(config, source.name) === wanted)?.name ?? name).toLowerCase();
}

function contentOf(config: PmtaConfig, name: string): string {
  return JSON.stringify([...(namedSource(config, name) ?? [])].map(([key, { raw }]) => [key, raw]).sort());
}
