import { sameValue } from '../kumo/format';
import type { FieldMap, KumoTable, SignatureOptions, SignatureRules, SigningKey, SigningRules } from '../kumo/model';
import { placesText } from './places';
import { groupedByText, type RowView, rowsByOwner } from './view-rows';

interface OptionsView {
  /** Label by which `recipients` name further options: `2`. */
  readonly name: string;
  /** Fixed domain, `sender-or-from` or `strict-from`. */
  readonly identity: string;
  /** Domain that is tried when the first has no key; empty for none. */
  readonly fallback: string;
  /** Parameters of the signer other than key, selector and domain; absent from further options that have the same. */
  readonly signer?: KumoTable;
}

interface SignatureView extends OptionsView {
  /** Not all recipients get the signature, or not all the same. */
  readonly switched: boolean;
  /** Tenant ('' for all) → recipient domain → `yes`, `no` or `if-options`; `yes 2` where further options count. */
  readonly recipients: readonly RowView[];
  readonly others: readonly OptionsView[];
}

interface KeysView {
  readonly name: string;
  readonly keys: readonly RowView[];
}

/** DKIM by PowerMTA's rules, as templates/pmta.lua.hbs names it. */
export interface SigningView {
  readonly globalKeys: readonly RowView[];
  readonly tenantKeys: readonly KeysView[];
  /** Lists that a message chooses by name. */
  readonly keyLists: readonly KeysView[];
  readonly first: SignatureView;
  /** At most one. */
  readonly second: readonly SignatureView[];
  readonly switched: boolean;
  /** Some signature is made in more than one way. */
  readonly varied: boolean;
}

export function signingView(rules: SigningRules): SigningView {
  const first = signatureView(rules.first);
  const second = rules.second === undefined ? [] : [signatureView(rules.second)];
  return {
    globalKeys: rules.globalKeys.map(keyRow),
    tenantKeys: keysView(rules.tenantKeys),
    keyLists: keysView(rules.keyLists),
    first,
    second,
    switched: [first, ...second].some((view) => view.switched),
    varied: [first, ...second].some((view) => view.others.length > 0),
  };
}

function keysView(byName: ReadonlyMap<string, readonly SigningKey[]>): readonly KeysView[] {
  return [...byName].map(([name, keys]) => ({ name, keys: keys.map(keyRow) }));
}

function keyRow({ selector, domain, file, origins }: SigningKey): RowView {
  return { name: '', value: { selector, domain, key: file }, note: placesText(origins) };
}

function signatureView(rules: SignatureRules): SignatureView {
  const entries = rules.recipients.map(({ domain, tenant, sign, other }) => ({
    owner: tenant,
    key: domain,
    value: other === undefined ? signText(sign) : `${signText(sign)} ${other + 2}`,
  }));
  const recipients = rowsByOwner(entries);
  const [only] = recipients;
  const always = recipients.length === 1 && only?.name === '' && sameValue(only.value, { default: 'yes' });
  return {
    ...optionsView(rules, '1'),
    switched: !always,
    recipients: groupedByText(recipients),
    others: (rules.others ?? []).map((options, index) => optionsView(options, String(index + 2), signerOf(rules))),
  };
}

function optionsView(options: SignatureOptions, name: string, usual?: KumoTable): OptionsView {
  const signer = signerOf(options);
  return {
    name,
    identity: identityDomain(options.identity),
    fallback: identityDomain(options.fallback ?? ''),
    ...(sameValue(signer, usual) ? {} : { signer }),
  };
}

function signerOf({ headers, fields }: SignatureOptions): KumoTable {
  return { headers, ...tableOf(fields) };
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
