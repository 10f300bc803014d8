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
    what: 'Accounting: queues without records',
    directives: ['domain disable-acct-records'],
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
    what: 'SMTP service: recipients, hops',
    directives: [
      'source accept-invalid-recipients',
      'source jobid-prefix',
      'source max-message-hops',
      'source retain-x-schedule',
      'source too-many-rcpts-fails-message',
      'source verp-default',
    ],
  },
  {
    what: 'Other',
    directives: ['domain sparkpost-ip-pool', 'domain sparkpost-sandbox'],
  },
];

const KEYS: ReadonlySet<string> = new Set(NOT_CONVERTED.flatMap(({ directives }) => directives));

/** Whether a row is among them. */
export function isNotConverted({ scope, name }: Pick<DirectiveRow, 'scope' | 'name'>): boolean {
  return KEYS.has(`${scope} ${name}`);
}
