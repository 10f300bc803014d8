import type { KumoPolicy } from '../kumo/model';

/** Keys of rules that are used up before a message is prepared. */
export const BEFORE_PREPARE: readonly string[] = [
  'accept_invalid_recipients',
  'auto_qualify_domain',
  'bcc',
  'max_rcpts',
  'suppression_lists',
];

/** Keys of rules for which the templates of reception have code. */
export const RECEPTION_KEYS: readonly string[] = [
  ...BEFORE_PREPARE,
  'add_x_virtual_mta_header',
  'drop_x_schedule',
  'jobid_prefix',
  'max_message_hops',
  'rewrite_list',
  'unique_job_header',
  'verp_default',
];

/** Which handlers have something to do on reception. */
export interface ReceptionNeeds {
  /** Mail is passed on, copied or qualified before anything else happens to it. */
  readonly receive: boolean;
  /** Mail is passed on or copied. */
  readonly copies: boolean;
  readonly forwards: boolean;
  readonly suppression: boolean;
  /** Suppressed recipients are taken and bounced. */
  readonly bounces: boolean;
  /** The recipient is looked at before the message. */
  readonly recipients: boolean;
  /** The number of recipients is looked at. */
  readonly wholeMessages: boolean;
  /** Something is done once the virtual-mta is known. */
  readonly finish: boolean;
  readonly rewrite: boolean;
  /** Something is looked up by recipient domain. */
  readonly lookup: boolean;
  /** Mail that was delivered is copied. */
  readonly deliveryCopies: boolean;
  /** Some of these. */
  readonly some: boolean;
}

export function receptionNeeds(policy: KumoPolicy, keys: ReadonlySet<string>): ReceptionNeeds {
  const { reception } = policy.lua;
  const { byAddress, byLocalPart, guardedDomains } = reception.forwards;
  const forwards = byAddress.size > 0 || byLocalPart.size > 0;
  const suppression = keys.has('suppression_lists');
  const bounces = suppression && keys.has('accept_invalid_recipients');
  const copies = forwards || keys.has('bcc');
  const rewrite = reception.rewriteLists.size > 0;
  const lookup = reception.removals.length > 0 || reception.apiHeaders.length > 0;
  const needs = {
    receive: copies || suppression || reception.domainSuffix !== undefined,
    copies,
    forwards,
    suppression,
    bounces,
    recipients: suppression || guardedDomains.length > 0,
    wholeMessages: keys.has('max_rcpts'),
    finish:
      rewrite ||
      lookup ||
      reception.headerFiles.size > 0 ||
      keys.has('verp_default') ||
      keys.has('add_x_virtual_mta_header'),
    rewrite,
    deliveryCopies: reception.deliveryCopies.length > 0,
    lookup: lookup || reception.deliveryCopies.length > 0,
  };
  return { ...needs, some: Object.values(needs).some(Boolean) };
}
