import { numberOf } from '../directives/value';
import type { FieldMap, SignatureOptions, SignatureRules } from '../kumo/model';
import { effectiveSettings, patternsOf } from '../pmta/match';
import type { EffectiveSettings, ScopeBlock, VirtualMta } from '../pmta/model';
import { withShadowed } from './domain-keys';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { ownScopes, placesOf } from './places';
import { setField } from './policy-writer';

/** What PowerMTA signs by itself; dkim-headers adds to it. The manual does not list the set (M5 3.3.10.27). */
export const SIGNED_HEADERS: readonly string[] = [
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
];

/** When and how a signature is made; undefined when no queue asks for it. `prefix` is `second-` for the second one. */
export function signatureOf(context: PassContext, prefix: '' | 'second-'): SignatureRules | undefined {
  const places = placesWithSign(context, prefix);
  const made = new Map<string, SignatureOptions>();
  const recipients = places.map(({ domain, tenant, sign, settings }) => {
    if (sign === false) return { domain, tenant, sign };
    const options = optionsOf(settings, prefix);
    const key = contentOf(options);
    if (!made.has(key)) made.set(key, options);
    const other = [...made.keys()].indexOf(key) - 1;
    return { domain, tenant, sign, ...(other < 0 ? {} : { other }) };
  });
  const [first, ...others] = made.values();
  return first === undefined ? undefined : { recipients: withShadowed(recipients), ...first, others };
}

function optionsOf(settings: EffectiveSettings, prefix: string): SignatureOptions {
  const text = (name: string): string | undefined => {
    const value = settings.get(`${prefix}${name}`)?.value;
    return value?.kind === 'text' && value.value !== '' ? value.value : undefined;
  };
  const fallback = text('dkim-identity-fallback');
  return {
    identity: text('dkim-identity') ?? 'sender-or-from',
    ...(fallback === undefined ? {} : { fallback }),
    headers: headersOf(settings, prefix),
    fields: optionFields(settings, prefix),
  };
}

function contentOf({ fields, ...options }: SignatureOptions): string {
  return JSON.stringify([options, [...fields].map(([name, { value }]) => [name, value])]);
}

/**
 * The names for h=. KumoMTA signs one header for each time that a name is listed, so none is listed twice but those that
 * nobody may add: these stand once more than they occur (M5 3.3.10.27, 3.3.10.30).
 */
function headersOf(settings: EffectiveSettings, prefix: string): readonly string[] {
  const listed = (name: string): readonly string[] => {
    const value = settings.get(`${prefix}${name}`)?.value;
    return value?.kind === 'list' ? value.values.filter((header) => header !== '' && !header.startsWith('/')) : [];
  };
  const guarded = unique(listed('dkim-disallow-adding-headers'));
  return [...unique([...SIGNED_HEADERS, ...listed('dkim-headers'), ...guarded]), ...guarded];
}

/** Names of headers, the first spelling of each. */
function unique(names: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const name of names) if (!seen.has(name.toLowerCase())) seen.set(name.toLowerCase(), name);
  return [...seen.values()];
}

function optionFields(settings: EffectiveSettings, prefix: string): FieldMap {
  const fields: FieldMap = new Map();
  for (const [directive, name] of [
    ['dkim-body-canon', 'body_canonicalization'],
    ['dkim-headers-canon', 'header_canonicalization'],
  ] as const) {
    const found = settings.get(`${prefix}${directive}`);
    if (found?.value.kind === 'text') {
      setField(fields, name, found.value.value.toLowerCase() === 'simple' ? 'Simple' : 'Relaxed', [found.setting]);
    }
  }
  const expiry = settings.get(`${prefix}dkim-expire-after`);
  const seconds = numberOf(expiry?.value, 'interval');
  if (expiry !== undefined && seconds !== undefined) setField(fields, 'expiration', seconds, [expiry.setting]);
  return fields;
}

interface SignPlace {
  readonly domain: string;
  readonly tenant: string;
  readonly sign: boolean | 'if-options';
  readonly settings: EffectiveSettings;
}

/** Every place where something is said of the signature, general before special, with what counts there. */
function placesWithSign(context: PassContext, prefix: string): readonly SignPlace[] {
  const { config } = context;
  const made: SignPlace[] = [];
  const add = (vmta: VirtualMta | undefined, tenant: string, domain: string): void => {
    const settings = effectiveSettings(config, vmta, domain);
    const value = settings.get(`${prefix}dkim-sign`)?.value;
    if (value?.kind !== 'text') return;
    const sign = value.value === 'if-x-dkim-options-present' ? 'if-options' : ['yes', 'true'].includes(value.value);
    made.push({ domain: domain === '*' ? 'default' : domain, tenant, sign, settings });
  };
  for (const { domain } of placesOf([config.domains])) add(undefined, '', domain);
  for (const vmta of config.virtualMtas.values()) {
    const scopes = ownScopes(vmta);
    if (!scopes.some((scope) => scope.blocks.some(({ block }) => saysSomething(block, prefix)))) continue;
    const tenants = tenantsOf(context, vmta);
    const everywhere = scopes.some((scope) => patternsOf(scope).some((pattern) => pattern.form === 'any'));
    for (const { domain } of placesOf(everywhere ? [...scopes, config.domains] : scopes)) {
      for (const tenant of tenants) add(vmta, tenant, domain);
    }
  }
  return made;
}

function saysSomething({ settings }: ScopeBlock, prefix: string): boolean {
  return settings.some(({ name }) => name.startsWith(`${prefix}dkim-`));
}
