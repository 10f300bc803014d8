import { sameValue } from '../kumo/format';
import type { FieldMap, KumoTable, SignatureRules, SigningKey, SigningRules } from '../kumo/model';
import { placesText } from './places';
import { groupedByText, type RowView, rowsByOwner } from './view-rows';

interface SignatureView {
  /** Fixed domain, `sender-or-from` or `strict-from`. */
  readonly identity: string;
  /** Domain that is tried when the first has no key; empty for none. */
  readonly fallback: string;
  /** Not all recipients get the signature. */
  readonly switched: boolean;
  /** Tenant ('' for all) → recipient domain → `yes`, `no` or `if-options`. */
  readonly recipients: readonly RowView[];
  /** Parameters of the signer other than key, selector and domain. */
  readonly signer: KumoTable;
}

/** DKIM by PowerMTA's rules, as templates/pmta.lua.hbs names it. */
export interface SigningView {
  readonly globalKeys: readonly RowView[];
  readonly tenantKeys: readonly { readonly name: string; readonly keys: readonly RowView[] }[];
  readonly first: SignatureView;
  /** At most one. */
  readonly second: readonly SignatureView[];
  readonly switched: boolean;
}

export function signingView(rules: SigningRules): SigningView {
  const first = signatureView(rules.first);
  const second = rules.second === undefined ? [] : [signatureView(rules.second)];
  return {
    globalKeys: rules.globalKeys.map(keyRow),
    tenantKeys: [...rules.tenantKeys].map(([name, keys]) => ({ name, keys: keys.map(keyRow) })),
    first,
    second,
    switched: [first, ...second].some((view) => view.switched),
  };
}

function keyRow({ selector, domain, file, origins }: SigningKey): RowView {
  return { name: '', value: { selector, domain, key: file }, note: placesText(origins) };
}

function signatureView(rules: SignatureRules): SignatureView {
  const entries = rules.recipients.map(({ domain, tenant, sign }) => ({
    owner: tenant,
    key: domain,
    value: signText(sign),
  }));
  const recipients = rowsByOwner(entries);
  const [only] = recipients;
  const always = recipients.length === 1 && only?.name === '' && sameValue(only.value, { default: 'yes' });
  return {
    identity: identityDomain(rules.identity),
    fallback: identityDomain(rules.fallback ?? ''),
    switched: !always,
    recipients: groupedByText(recipients),
    signer: { headers: rules.headers, ...tableOf(rules.fields) },
  };
}

/** Of an address or `@domain` only the domain chooses the key. */
function identityDomain(identity: string): string {
  return identity.toLowerCase().replace(/^.*@/, '');
}

function signText(sign: SignatureRules['recipients'][number]['sign']): string {
  return typeof sign === 'string' ? sign : sign ? 'yes' : 'no';
}

function tableOf(fields: FieldMap): KumoTable {
  return Object.fromEntries([...fields].map(([name, { value }]) => [name, value]));
}
