import { fitEverything } from '../kumo/bounce-rules';
import type { KumoPolicy } from '../kumo/model';
import type { PmtaConfig } from '../pmta/model';

/**
 * PowerMTA's stock categories (M5 11.6) as KumoMTA's predefined classes. Names of the user's own would work too, but a
 * class that KumoMTA does not know leaves a 552 without enhanced code transient, so full mailboxes would be retried.
 */
const CLASSES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'bad-configuration': 'BadConfiguration',
    'bad-connection': 'BadConnection',
    'bad-domain': 'BadDomain',
    'bad-mailbox': 'InvalidRecipient',
    'content-related': 'ContentRelated',
    'inactive-mailbox': 'InactiveMailbox',
    'invalid-sender': 'InvalidSender',
    'message-expired': 'MessageExpired',
    'no-answer-from-host': 'NoAnswerFromHost',
    other: 'Uncategorized',
    'policy-related': 'PolicyRelated',
    'protocol-errors': 'ProtocolErrors',
    'quota-issues': 'QuotaIssues',
    'relaying-issues': 'RelayingIssues',
    'routing-errors': 'RoutingErrors',
    'spam-related': 'SpamRelated',
    'virus-related': 'VirusRelated',
  }),
);

/** KumoMTA's class for a category in lower case. */
export function classOf(category: string): string {
  const stock = CLASSES.get(category);
  if (stock !== undefined) return stock;
  const name = category.replace(/(?:^|[^a-z0-9]+)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return name === '' ? 'Uncategorized' : name;
}

export function isStockCategory(category: string): boolean {
  return CLASSES.has(category);
}

/** Classes of KumoMTA's own rules (iana.toml) for which PowerMTA has no category. */
const WITHOUT_CATEGORY = ['AuthenticationFailed', 'DNSFailure', 'TooManyRecipients', 'TransientFailure'];

/** Class → category as the configuration writes it, for those that are not the same words in another spelling. */
export function categoryNames(config: PmtaConfig, rules: KumoPolicy['bounceRules']): ReadonlyMap<string, string> {
  const names = new Map([
    ['InvalidRecipient', 'bad-mailbox'],
    ['Uncategorized', 'other'],
  ]);
  if (!fitEverything(rules)) for (const name of WITHOUT_CATEGORY) names.set(name, 'other');
  for (const { name, value } of config.settings) {
    if (name !== '' || value?.kind !== 'category-pattern') continue;
    const own = classOf(value.category.toLowerCase());
    if (!names.has(own) && spelledOut(own) !== value.category) names.set(own, value.category);
  }
  return names;
}

/** `NoAnswerFromHost` → `no-answer-from-host`. */
function spelledOut(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`);
}
