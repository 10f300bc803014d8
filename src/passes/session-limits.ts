import type { Rate } from '../directives/value';
import { releaseAtLeast, sameValue } from '../kumo/format';
import type { EsmtpListener, KumoTable, KumoValue } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { ReadSetting } from '../pmta/precedence';
import { EVERYBODY } from '../pmta/source-match';
import { isWide, type PeerRule, relaysByAddress } from './acl';
import type { PassContext } from './pass';
import { peerFields, sizeLimit } from './peer-fields';
import { settleByRow } from './settle';
import type { Option } from './source-rules';

const NAME = 'selection';

/** First release with counters that a policy can look at without counting (KumoMTA reference, counter_series). */
const COUNTERS_SINCE = '2026.05.12';
/** First release with the helper that looks the name of an address up, and back (policy-extras.mail_auth). */
export const IPREV_SINCE = '2025.12.02';

/** Directives of sources that need a later release than the floor. */
const NEEDS_RELEASE: Readonly<Record<string, string>> = {
  'check-iprev-inbound': IPREV_SINCE,
  'reject-iprev-check-fail': IPREV_SINCE,
  'reject-iprev-check-permerror': IPREV_SINCE,
  'reject-iprev-check-temperror': IPREV_SINCE,
  'smtp-max-auth-failure-rate': COUNTERS_SINCE,
};

/** The release that a line of a source needs, when the target is older; undefined when it can be written. */
export function tooNewForTarget({ options }: PassContext, { name }: Setting): string | undefined {
  const since = NEEDS_RELEASE[name];
  return since === undefined || releaseAtLeast(options.target, since) ? undefined : since;
}

/** Limits of a rule that Lua keeps, because the listener cannot know who will log in. */
export function limitFields(context: PassContext, rule: PeerRule, overlay: boolean): ReadonlyMap<string, Option> {
  const fields = new Map<string, Option>();
  const size = rule.settings.get('max-message-size');
  if (size !== undefined) fields.set('max_message_size', { value: sizeLimit(size), settings: [size] });
  const rate = rule.settings.get('smtp-max-auth-failure-rate');
  const failures = rate?.value.kind === 'rate' ? failureLimit(rate.value.rate) : undefined;
  if (rate !== undefined && failures !== undefined && tooNewForTarget(context, rate) === undefined)
    fields.set('max_auth_failures', { value: failures, settings: [rate] });
  const relaying = rule.settings.get('always-allow-relaying');
  const open = !overlay && isWide(rule.cidr) && relaysByAddress(rule) && !context.options.allowOpenRelay;
  if (relaying?.value.kind === 'bool' && (overlay || relaying.value.value) && !open)
    fields.set('always_allow_relaying', { value: relaying.value.value, settings: [relaying] });
  return fields;
}

const SECONDS: Readonly<Record<Rate['unit'], number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** Parts that a period is counted in: failures fade away in so many steps. */
const PARTS = 10;

/** The period in at most ten parts of whole seconds; none when there is no limit (M5 3.3.7.7). */
function failureLimit(rate: Rate | 'unlimited'): KumoTable | undefined {
  if (rate === 'unlimited' || rate.count === 0) return undefined;
  const period = rate.multiple * SECONDS[rate.unit];
  const buckets = Math.min(PARTS, period);
  return { count: rate.count, buckets, bucket_size: Math.ceil(period / buckets) };
}

/**
 * Whether Lua has to look at the size of messages: a source that only users bring along has another limit than some
 * listener. The listeners then take what the most generous rule allows, and Lua refuses the rest.
 */
export function raisesSizes({ policy }: PassContext, lines: readonly ReadSetting[]): boolean {
  const sizes = lines.filter(({ name }) => name === 'max-message-size');
  const limits = policy.listeners.flatMap(sizesOf);
  if (sizes.every((line) => limits.every((limit) => limit === sizeLimit(line)))) return false;
  const most = Math.max(...limits, ...sizes.map(sizeLimit));
  for (const listener of policy.listeners) {
    const base = listener.fields.get('max_message_size');
    const origins = base?.value === most ? base.origins : sizes.map(({ span }) => span);
    listener.fields.set('max_message_size', { value: most, origins });
    const peers = Object.entries(peersOf(listener)).map(([cidr, { max_message_size: _, ...rest }]) => [cidr, rest]);
    const kept = peers.filter(([, rest]) => Object.keys(rest ?? {}).length > 0);
    const peer = listener.fields.get('peer');
    if (peer === undefined) continue;
    if (kept.length === 0) listener.fields.delete('peer');
    else listener.fields.set('peer', { ...peer, value: Object.fromEntries(kept) });
  }
  return true;
}

function sizesOf(listener: EsmtpListener): readonly number[] {
  const peers = Object.values(peersOf(listener)).map((fields) => fields['max_message_size']);
  return [listener.fields.get('max_message_size')?.value, ...peers].filter((size) => typeof size === 'number');
}

function peersOf({ fields }: EsmtpListener): Readonly<Record<string, KumoTable>> {
  const value = fields.get('peer')?.value;
  if (!isTable(value)) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([cidr, peer]) => (isTable(peer) ? [[cidr, peer]] : [])));
}

function isTable(value: KumoValue | undefined): value is KumoTable {
  return typeof value === 'object' && !Array.isArray(value);
}

const NOT_FOR_USERS =
  'KumoMTA has this limit for listeners and client networks, before it knows the user: give the users a listener of their own if it matters.';

/** Limits that a source brings along which only users name. */
export function settleUserLimits(context: PassContext, lines: readonly ReadSetting[]): void {
  for (const line of lines) {
    if (context.ledger.isSettled(line)) continue;
    if (line.name === 'max-message-size') settleByRow(context, line, NAME);
    else if (LISTENER_ONLY.has(line.name)) settleListenerOnly(context, line);
  }
}

const LISTENER_ONLY: ReadonlySet<string> = new Set([
  'max-rcpt-per-message',
  'smtp-command-timeout',
  'smtp-data-timeout',
]);

function settleListenerOnly({ ledger, policy }: PassContext, line: ReadSetting): void {
  const name = line.name === 'max-rcpt-per-message' ? 'max_recipients_per_message' : 'client_timeout';
  const wanted = peerFields({ cidr: EVERYBODY, settings: new Map([[line.name, line]]) }).get(name)?.value;
  const same = policy.listeners.every(({ fields }) => sameValue(fields.get(name)?.value, wanted));
  if (same) ledger.settle(line, 'approximate', NAME, 'Every listener has this limit, for users and others.');
  else ledger.settle(line, 'unsupported', NAME, NOT_FOR_USERS);
}
