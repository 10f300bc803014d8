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
    what: 'Bounce and feedback-loop processors',
    directives: [
      'bounce-processor deliver-email',
      'bounce-processor deliver-unmatched-email',
      'bounce-processor forward-errors-to',
      'bounce-processor forward-unmatched-to',
      'feedback-loop-processor deliver-email',
      'feedback-loop-processor deliver-unmatched-email',
      'feedback-loop-processor forward-errors-to',
      'feedback-loop-processor forward-unmatched-to',
    ],
  },
  {
    what: 'Address lists and suppression lists',
    directives: [
      'address-list address',
      'address-list address-file',
      'address-list domain',
      'global <address-list>',
      'global <suppression-list>',
      'source suppression-lists',
    ],
  },
  {
    what: 'Aliases, and mail to the postmaster',
    directives: ['aliases alias', 'global <aliases>', 'global alias', 'global postmaster'],
  },
  {
    what: 'Rewriting of addresses',
    directives: [
      'global <rewrite-list>',
      'global domain-suffix',
      'rewrite-list from-domain',
      'rewrite-list mail-from',
      'source auto-qualify-domain',
      'source rewrite-list',
      'virtual-mta rewrite-list',
      'virtual-mta-pool rewrite-list',
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
    what: 'Checks on incoming mail (SPF, DKIM, iprev)',
    directives: [
      'source check-dkim-inbound',
      'source check-iprev-inbound',
      'source check-mfrom-inbound',
      'source check-spf-inbound',
      'source reject-iprev-check-fail',
      'source reject-iprev-check-permerror',
      'source reject-iprev-check-temperror',
      'source reject-spf-check-fail',
      'source reject-spf-check-permerror',
      'source reject-spf-check-temperror',
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
    what: 'Copies, and headers added or removed',
    directives: [
      'domain add-x-msys-api-header',
      'domain bcc-upon-delivery',
      'domain remove-header',
      'global include-headers-from',
      'source add-x-virtual-mta-header',
      'source bcc',
      'virtual-mta include-headers-from',
      'virtual-mta-pool include-headers-from',
    ],
  },
  {
    what: 'Listeners in blocks of their own, and old ways to name a listener',
    directives: [
      'global <transmissions-api-listener>',
      'global smtp-ip',
      'global smtp-port',
      'transmissions-api-listener tls-certificate',
    ],
  },
  {
    what: 'SMTP service: authentication, recipients, hops',
    directives: [
      'source accept-invalid-recipients',
      'source allow-auth',
      'source dsn-return-default',
      'source jobid-prefix',
      'source max-message-hops',
      'source retain-x-schedule',
      'source smtp-max-auth-failure-rate',
      'source too-many-rcpts-fails-message',
      'source verp-default',
    ],
  },
  {
    what: 'Other',
    directives: [
      'domain sparkpost-ip-pool',
      'domain sparkpost-sandbox',
      'global custom-dsn-from-header',
      'global http-redirect-to-https',
      'global max-name-queries',
      'global no-http-mgmt-source',
      'global relay-address',
      'global relay-debug',
    ],
  },
];

const KEYS: ReadonlySet<string> = new Set(NOT_CONVERTED.flatMap(({ directives }) => directives));

/** Whether a row is among them. */
export function isNotConverted({ scope, name }: Pick<DirectiveRow, 'scope' | 'name'>): boolean {
  return KEYS.has(`${scope} ${name}`);
}
