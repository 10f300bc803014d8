import { sameValue } from '../kumo/format';
import type { Field, FieldBlock, KumoValue, ProviderMatch } from '../kumo/model';
import { patternKey } from '../pmta/domain-pattern';
import type { VirtualMta } from '../pmta/model';
import type { PassContext } from './pass';
import {
  ADDRESS_FIELDS,
  ADDRESS_KEY,
  knownTo,
  type Lookup,
  type PathField,
  UNLIMITED,
  type Wanted,
} from './path-fields';
import { fieldBehind, resolvePathEntry, resolvePathField } from './path-resolution';
import type { Place } from './places';
import { addEntry, addOrigins, anyProvider, emptyProvider, field, pathBlock, tagsAround } from './policy-writer';
import { landingOf } from './routes';
import { noteScopeChoice } from './scope-choice';

/** Whose path a value is for. */
export interface Path {
  readonly place: Place;
  readonly vmta?: VirtualMta;
  readonly source?: string;
}

/** Writes the fields of `rows` in which KumoMTA would differ at a place from what PowerMTA does. */
export function writeDifferences(
  context: PassContext,
  { place, vmta, source }: Path,
  rows: readonly PathField[],
  get: Lookup,
  block: () => FieldBlock,
): void {
  const { options } = context;
  const at = landingOf(context.config, vmta, place.domain);
  for (const row of rows) {
    if (!knownTo(row, options.target)) continue;
    const wanted = row.read(get, options);
    if (wanted === undefined) continue;
    const have = resolvePathField(context, at, source, row.field);
    if (vmta !== undefined) noteScopeChoice(context, vmta, place, row, wanted);
    const value = valueToWrite(wanted, have, row.unlimited);
    if (value === undefined) continue;
    if (sameValue(value, have)) {
      noteSame(fieldBehind(context, at, source, row.field), wanted);
      continue;
    }
    const target = block();
    target.fields.set(row.field, field(value, wanted.settings));
    addOrigins(target, tagsAround(wanted.settings));
  }
}

/** Limits of one of several addresses, beside those that the addresses share (M5 3.3.10.77, 3.3.10.82). */
export function writeAddressLimits(
  context: PassContext,
  { place, vmta, source = '' }: Path,
  get: Lookup,
  block: () => FieldBlock,
): void {
  const { options, policy } = context;
  const at = landingOf(context.config, vmta, place.domain);
  for (const { table, read, unlimited } of ADDRESS_FIELDS) {
    const wanted = read(get, options);
    if (wanted === undefined) continue;
    const have = resolvePathEntry(context, at, source, table, ADDRESS_KEY);
    const value = valueToWrite(wanted, have, unlimited);
    if (value === undefined || sameValue(value, have)) continue;
    const target = block();
    addEntry(target.fields, table, ADDRESS_KEY, value, wanted.settings);
    addOrigins(target, tagsAround(wanted.settings));
    policy.lua.perAddress = true;
  }
}

/** The lines of a value that stands elsewhere already. */
function noteSame(stands: Field | undefined, { settings }: Wanted): void {
  if (stands === undefined) return;
  stands.also ??= new Set();
  for (const { span } of settings) if (!stands.origins.includes(span)) stands.also.add(span);
}

/** What to write; undefined where there is no limit, and none around it. */
function valueToWrite(
  { value }: Wanted,
  have: KumoValue | undefined,
  unlimited: KumoValue | undefined,
): KumoValue | undefined {
  if (value !== UNLIMITED) return value;
  return have === undefined ? undefined : unlimited;
}

/** The block for a place, made when it is first needed. */
export function blockOf(context: PassContext, vmta: VirtualMta | undefined, place: Place) {
  const { config, policy } = context;
  const { pattern } = place;
  if (pattern.form === 'any') return anyProvider(policy);
  if (pattern.form === 'name') return pathBlock(policy, landingOf(config, vmta, pattern.name));
  const name = patternKey(pattern);
  const known = policy.shaping.providers.find((provider) => provider.name === name);
  if (known !== undefined) return known;
  const made = emptyProvider(name, [{ DomainSuffix: `.${place.domain.slice(2)}` }]);
  const { providers } = policy.shaping;
  const after = providers.findIndex((provider) => suffixLength(provider.match) > made.name.length - 1);
  providers.splice(after === -1 ? providers.length : after, 0, made);
  return made;
}

function suffixLength(match: readonly ProviderMatch[]): number {
  return Math.max(0, ...match.map((entry) => ('DomainSuffix' in entry ? entry.DomainSuffix.length : 0)));
}
