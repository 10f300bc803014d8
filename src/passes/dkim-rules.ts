import { numberOf } from '../directives/value';
import type { FieldMap, SignatureRules } from '../kumo/model';
import { effectiveSettings, patternsOf } from '../pmta/match';
import type { EffectiveSettings, VirtualMta } from '../pmta/model';
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
  const recipients = recipientsOf(context, `${prefix}dkim-sign`);
  if (!recipients.some(({ sign }) => sign !== false)) return undefined;
  const settings = firstWith(context, prefix);
  const text = (name: string): string | undefined => {
    const value = settings.get(`${prefix}${name}`)?.value;
    return value?.kind === 'text' && value.value !== '' ? value.value : undefined;
  };
  const extra = settings.get(`${prefix}dkim-headers`)?.value;
  const names = extra?.kind === 'list' ? extra.values.filter((name) => !name.startsWith('/')) : [];
  const fallback = text('dkim-identity-fallback');
  return {
    recipients,
    identity: text('dkim-identity') ?? 'sender-or-from',
    ...(fallback === undefined ? {} : { fallback }),
    headers: [...SIGNED_HEADERS, ...names],
    fields: optionFields(settings, prefix),
  };
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

/** Details of the signature come from the first place that signs; KumoMTA has one set of them per signature. */
export function firstWith(context: PassContext, prefix: string): EffectiveSettings {
  const { config } = context;
  for (const vmta of [undefined, ...config.virtualMtas.values()]) {
    const scopes = vmta === undefined ? [config.domains] : [vmta.domains];
    for (const { domain } of [{ domain: '*' }, ...placesOf(scopes)]) {
      const settings = effectiveSettings(config, vmta, domain);
      const sign = settings.get(`${prefix}dkim-sign`)?.value;
      if (sign?.kind === 'text' && !['no', 'false'].includes(sign.value)) return settings;
    }
  }
  return new Map();
}

function recipientsOf(context: PassContext, directive: string): SignatureRules['recipients'] {
  const { config } = context;
  const made: { domain: string; tenant: string; sign: boolean | 'if-options' }[] = [];
  const add = (vmta: VirtualMta | undefined, tenant: string, domain: string): void => {
    const value = effectiveSettings(config, vmta, domain).get(directive)?.value;
    if (value?.kind !== 'text') return;
    const sign = value.value === 'if-x-dkim-options-present' ? 'if-options' : ['yes', 'true'].includes(value.value);
    made.push({ domain: domain === '*' ? 'default' : domain, tenant, sign });
  };
  for (const { domain } of placesOf([config.domains])) add(undefined, '', domain);
  for (const vmta of config.virtualMtas.values()) {
    const scopes = ownScopes(vmta);
    if (
      !scopes.some((scope) => scope.blocks.some(({ block }) => block.settings.some((line) => line.name === directive)))
    )
      continue;
    const tenants = tenantsOf(context, vmta);
    const everywhere = scopes.some((scope) => patternsOf(scope).some((pattern) => pattern.form === 'any'));
    for (const { domain } of placesOf(everywhere ? [...scopes, config.domains] : scopes)) {
      for (const tenant of tenants) add(vmta, tenant, domain);
    }
  }
  return withShadowed(made);
}
