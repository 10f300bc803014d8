import { contains, prefixLength } from '../directives/cidr';
import type { PmtaConfig } from '../pmta/model';
import type { ReadSetting } from '../pmta/precedence';
import { EVERYBODY, namedSource, sourceForAddress } from '../pmta/source-match';
import { subtract } from './cidr';

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
  const networks = new Set([EVERYBODY, ...config.sources.flatMap(({ cidr }) => cidr ?? [])]);
  const overlays = names.map((name) => namedSource(config, name) ?? new Map<string, ReadSetting>());
  return [...networks]
    .sort((a, b) => prefixLength(a) - prefixLength(b))
    .map((cidr) => ({ cidr, settings: merged(sourceForAddress(config, cidr), overlays) }));
}

function merged(base: PeerRule['settings'], overlays: readonly PeerRule['settings'][]): PeerRule['settings'] {
  const settings = new Map(base);
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

/** Networks wider than this are the internet, whoever they are split into: nobody owns more than a /8 (IPv6: a /16). */
export function isWide(cidr: string): boolean {
  return prefixLength(cidr) < (cidr.includes(':') ? 16 : 8);
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
