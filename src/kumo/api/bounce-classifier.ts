import type { FieldRow } from './field';
import type { Release } from './release';

/** `kumo.configure_bounce_classifier`. */
export const bounceClassifierFields = [
  { name: 'back_pressure', type: 'int', since: '2024.09.02', default: 131072 },
  { name: 'cache_size', type: 'int', since: '2024.09.02', default: 1024 },
  { name: 'files', type: 'string-list', since: '2023.03.31', required: true },
  { name: 'pool_size', type: 'int', since: '2024.09.02' },
  { name: 'uncategorized_cache_size', type: 'int', since: '2024.09.02', default: 1024 },
] as const satisfies readonly FieldRow[];

/** Classes KumoMTA knows by name; any other name makes a user class. */
export const bounceClasses = [
  { name: 'AuthenticationFailed', since: '2023.03.31' },
  { name: 'AutoReply', since: '2023.03.31' },
  { name: 'BadConfiguration', since: '2023.03.31' },
  { name: 'BadConnection', since: '2023.03.31' },
  { name: 'BadDomain', since: '2023.03.31' },
  { name: 'ChallengeResponse', since: '2023.03.31' },
  { name: 'ContentRelated', since: '2023.03.31' },
  { name: 'DNSFailure', since: '2023.03.31' },
  { name: 'InactiveMailbox', since: '2023.03.31' },
  { name: 'InvalidRecipient', since: '2023.03.31' },
  { name: 'InvalidSender', since: '2023.03.31' },
  { name: 'MessageExpired', since: '2023.03.31' },
  { name: 'NoAnswerFromHost', since: '2023.03.31' },
  { name: 'PolicyRelated', since: '2023.03.31' },
  { name: 'ProhibitedAttachment', since: '2023.03.31' },
  { name: 'ProtocolErrors', since: '2023.03.31' },
  { name: 'QuotaIssues', since: '2023.03.31' },
  { name: 'RelayDenied', since: '2023.03.31' },
  { name: 'RelayingIssues', since: '2023.03.31' },
  { name: 'RoutingErrors', since: '2023.03.31' },
  { name: 'SpamBlock', since: '2023.03.31' },
  { name: 'SpamContent', since: '2023.03.31' },
  { name: 'SpamRelated', since: '2023.03.31' },
  { name: 'Subscribe', since: '2023.03.31' },
  { name: 'TooManyRecipients', since: '2025.12.02' },
  { name: 'TransientFailure', since: '2023.03.31' },
  { name: 'Uncategorized', since: '2023.03.31' },
  { name: 'Unsubscribe', since: '2023.03.31' },
  { name: 'VirusRelated', since: '2023.03.31' },
] as const satisfies readonly { name: string; since: Release }[];
