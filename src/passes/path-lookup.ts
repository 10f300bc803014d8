import { contains, parseAddress, prefixLength } from '../directives/cidr';
import type { Rate, Value } from '../directives/value';
import { effectiveAll, effectiveSettings } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { certificateOf } from './certificates';
import { type PassContext, pathSourcesOf } from './pass';
import type { Lookup } from './path-fields';
import { getOrAdd } from './policy-writer';
import { perSecond } from './rates';

/** Limits per local address, `CIDR LIMIT` (M5 3.3.10.77, 3.3.10.80, 3.3.10.82). */
export const BY_RANGE: ReadonlySet<string> = new Set([
  'source-ip-max-connect-rate',
  'source-ip-max-msg-rate',
  'source-ip-max-smtp-out',
]);

/** Every limit of one address. */
export const PER_ADDRESS: ReadonlySet<string> = new Set([...BY_RANGE, 'max-smtp-out-per-source-ip']);

/** Limits per local address that stand beside one of the whole queue. */
const BESIDE_QUEUE: ReadonlySet<string> = new Set([
  'max-smtp-out-per-source-ip',
  'source-ip-max-msg-rate',
  'source-ip-max-smtp-out',
]);

/**
 * Sources of a virtual-mta that share their limits with one of another address, so that a limit of each address is
 * another thing than the shared one. A cold source has the address of the one it stands beside.
 */
export function severalAddresses({ egress, policy }: PassContext, vmta: VirtualMta): ReadonlySet<string> {
  const byName = new Map<string, string[]>();
  for (const source of pathSourcesOf(egress, vmta.name)) {
    const name = policy.lua.sharedLimits.get(source);
    if (name !== undefined) getOrAdd(byName, name, () => []).push(source);
  }
  const addressOf = (source: string) => policy.sources.get(source)?.fields.get('source_address')?.value;
  const several = [...byName.values()].filter((sources) => new Set(sources.map(addressOf)).size > 1);
  return new Set(several.flat());
}

/** What holds for all addresses of a virtual-mta together; a wider block may hold the lower limit of an address. */
export function queueOnly(get: Lookup): Lookup {
  return (directive) => {
    const found = BY_RANGE.has(directive) && BESIDE_QUEUE.has(directive) ? undefined : get(directive);
    return found !== undefined && BESIDE_QUEUE.has(directive) ? { ...found, value: NO_COUNT } : found;
  };
}

const NO_COUNT: Value = { kind: 'int', value: 'unlimited' };

/** What holds for each address of a virtual-mta beside the limits of the queue. */
export function addressOnly(get: Lookup): Lookup {
  return (directive) => (BESIDE_QUEUE.has(directive) ? get(directive) : undefined);
}

/**
 * Settings of a queue as the field table reads them, for mail that leaves by `source` (undefined: by any). Of the limits
 * per address it gives the one of the source's address, as a plain count or rate; of a certificate, the place KumoMTA
 * reads it from.
 */
export function lookupIn(context: PassContext, vmta: VirtualMta | undefined, domain: string, source?: string): Lookup {
  const settings = effectiveSettings(context.config, vmta, domain);
  return (directive) => {
    const found = settings.get(directive);
    if (found === undefined) return undefined;
    if (BY_RANGE.has(directive)) return limitOfAddress(context, vmta, domain, source, directive);
    if (directive !== 'smtp-client-certificate') return found;
    const path = certificateOf(context, found.setting, 'shaping-lines');
    return path === undefined ? undefined : { value: { kind: 'text', value: path }, setting: found.setting };
  };
}

/** Of several ranges that hold an address the strictest limit counts; for one range, the line of the nearest scope. */
function limitOfAddress(
  context: PassContext,
  vmta: VirtualMta | undefined,
  domain: string,
  source: string | undefined,
  directive: string,
): ReturnType<Lookup> {
  if (source === undefined) return undefined;
  const address = context.policy.sources.get(source)?.fields.get('source_address')?.value;
  const sharing = directive === 'source-ip-max-connect-rate' ? sharingWith(context, source) : 1;
  const byRange = new Map<string, { readonly value: Value; readonly setting: Setting }>();
  for (const { setting, value } of effectiveAll(context.config, vmta, domain)) {
    if (setting.name !== directive) continue;
    if (value.kind !== 'cidr-int' && value.kind !== 'cidr-rate') continue;
    if (!holds(value.cidr, typeof address === 'string' ? address : undefined)) continue;
    byRange.set(value.cidr, { value: forAll(plain(value), sharing), setting });
  }
  return [...byRange.values()].sort((a, b) => strictness(a.value) - strictness(b.value))[0];
}

/** How many sources share the limits of one, itself among them. */
function sharingWith({ policy }: PassContext, source: string): number {
  const { sharedLimits } = policy.lua;
  const name = sharedLimits.get(source);
  return name === undefined ? 1 : [...sharedLimits.values()].filter((other) => other === name).length;
}

/** A rate of one address as that of all: Lua gives each its share of what the file says. */
function forAll(value: Value, sources: number): Value {
  if (value.kind !== 'rate' || value.rate === 'unlimited') return value;
  return { kind: 'rate', rate: { ...value.rate, count: value.rate.count * sources } };
}

/** Whether a range holds a source's address. A source without one leaves the choice to the system, so that only a range of everything is sure to hold it. */
export function holds(cidr: string, address: string | undefined): boolean {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed === undefined ? prefixLength(cidr) === 0 : contains(cidr, parsed);
}

function plain(value: Extract<Value, { readonly kind: 'cidr-int' | 'cidr-rate' }>): Value {
  return value.kind === 'cidr-int' ? { kind: 'int', value: value.value } : { kind: 'rate', rate: value.rate };
}

function strictness(value: Value): number {
  if (value.kind === 'int') return asNumber(value.value);
  return value.kind === 'rate' ? rateNumber(value.rate) : Number.POSITIVE_INFINITY;
}

/** 0 is no limit for rates; for counts PowerMTA does not say, and such a line is refused. */
function asNumber(value: number | 'unlimited'): number {
  return value === 'unlimited' || value === 0 ? Number.POSITIVE_INFINITY : value;
}

function rateNumber(rate: Rate | 'unlimited'): number {
  return rate === 'unlimited' ? Number.POSITIVE_INFINITY : perSecond(rate);
}
