import type { DirectiveRow } from '../directives/row';

/** Directives of one purpose that this version leaves to a person, as `scope name`. */
export interface NotConverted {
  readonly what: string;
  readonly directives: readonly string[];
}

/**
 * What the directive table plans to convert and this version does not: every value of these ends `manual`, except one
 * that asks for nothing. The README's limits and SUPPORT.md come from here; test/readme.test.ts tries each directive
 * and says which line to add or to take out. After that, `npm run support`.
 */
export const NOT_CONVERTED: readonly NotConverted[] = [
  {
    what: 'Cold virtual-mtas',
    directives: [
      'domain max-cold-virtual-mta-msg',
      'virtual-mta auto-cold-virtual-mta',
      'virtual-mta cold-virtual-mta',
      'virtual-mta-pool cold-virtual-mta',
    ],
  },
  {
    what: 'Rerouting to another virtual-mta',
    directives: [
      'domain backoff-reroute-to-virtual-mta',
      'domain reroute-to-virtual-mta',
      'global invalid-virtual-mta-fallback',
    ],
  },
  {
    what: 'Limits per address of a virtual-mta, and per MX host',
    directives: [
      'domain disable-mx-rollup',
      'domain source-ip-max-connect-rate',
      'domain source-ip-max-msg-rate',
      'domain source-ip-max-smtp-out',
      'global mx-connection-limit',
    ],
  },
  {
    what: 'Bounces that PowerMTA decides on by itself',
    directives: [
      'domain bounce-upon-5xx-greeting',
      'domain bounce-upon-no-mx',
      'domain bounce-upon-transfer-failure',
      'domain discard-as-bounce',
    ],
  },
  {
    what: 'Accounting files: filters, own fields, privacy',
    directives: [
      'acct-file iso-times',
      'acct-file map-header-to-field',
      'acct-file privacy-policy',
      'acct-file queue-filter',
      'acct-file user-string',
      'domain disable-acct-records',
    ],
  },
  {
    what: 'DKIM: algorithm, keys chosen by the message, headers that must not be added',
    directives: [
      'domain dkim-algorithm',
      'domain dkim-disallow-adding-headers',
      'domain second-dkim-algorithm',
      'domain second-dkim-disallow-adding-headers',
      'domain-key-list domain-key',
      'global <domain-key-list>',
      'source process-x-dkim-key',
      'source retain-x-dkim-key',
    ],
  },
  {
    what: 'Delivery over HTTP',
    directives: ['domain http-delivery-extra-headers', 'domain http-delivery-url'],
  },
  {
    what: 'Other',
    directives: ['domain smtp-client-certificate', 'global custom-dsn-from-header'],
  },
];

const KEYS: ReadonlySet<string> = new Set(NOT_CONVERTED.flatMap(({ directives }) => directives));

/** Whether a row is among them. */
export function isNotConverted({ scope, name }: Pick<DirectiveRow, 'scope' | 'name'>): boolean {
  return KEYS.has(`${scope} ${name}`);
}
