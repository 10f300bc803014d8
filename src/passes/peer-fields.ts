import { numberOf, type Value } from '../directives/value';
import { formatDuration, releaseAtLeast, sameValue } from '../kumo/format';
import type { Field, FieldMap, KumoTable, KumoValue } from '../kumo/model';
import type { ReadSetting } from '../pmta/precedence';
import { isOn, type PeerRule } from './acl';
import type { PassContext } from './pass';
import { PMTA_DEFAULT } from './policy-writer';
import { settleByRow } from './settle';
import { wholeMessageLimit } from './source-extras';
import { refuseForTarget } from './target';

/** KumoMTA has no "unlimited": 1 GiB, and a million, are more than PowerMTA hosts see. */
const NO_SIZE_LIMIT = 1_073_741_824;
export const NO_COUNT_LIMIT = 1_000_000;

/** Limits and trace headers, for everybody and, where a network differs, in the listener's `peer` table. */
export function setPeerFields(
  context: PassContext,
  fields: FieldMap,
  base: PeerRule,
  rules: readonly PeerRule[],
): void {
  const fieldsOf = (rule: PeerRule) => peerFields(rule, wholeMessageLimit(context, rule) !== undefined);
  const common = fieldsOf(base);
  for (const [name, value] of common) {
    if (!sameValue(value.value, traceHeaders(true))) fields.set(name, value);
  }
  const peers: Record<string, KumoTable> = {};
  const origins = [];
  for (const rule of rules) {
    const differing = [...fieldsOf(rule)].filter(([name, { value }]) => !sameValue(value, common.get(name)?.value));
    if (rule === base || differing.length === 0) continue;
    peers[rule.cidr] = Object.fromEntries(differing.map(([name, { value }]) => [name, value]));
    origins.push(...differing.flatMap(([, f]) => f.origins));
  }
  const known = releaseAtLeast(context.options.target, '2025.05.06');
  if (Object.keys(peers).length > 0 && known) fields.set('peer', { value: peers, origins });
  for (const line of rules.flatMap((rule) => [...rule.settings.values()])) {
    if (PEER_DIRECTIVES.has(line.name)) settlePeerLine(context, line, known || Object.keys(peers).length === 0);
  }
}

function settlePeerLine(context: PassContext, line: ReadSetting, known: boolean): void {
  if (known) settleByRow(context, line, 'listeners');
  else refuseForTarget(context, line, 'listeners', 'has values per client network', '2025.05.06');
}

/** Directives of sources that become parameters of listeners. */
export const PEER_DIRECTIVES: ReadonlySet<string> = new Set([
  'add-received-header',
  'max-message-size',
  'max-rcpt-per-message',
  'smtp-command-timeout',
  'smtp-data-timeout',
]);

/** What a rule says about the parameters of a listener, with PowerMTA's defaults; `whole`: see wholeMessageLimit. */
export function peerFields(rule: PeerRule, whole = false): FieldMap {
  const fields: FieldMap = new Map();
  const line = (name: string) => rule.settings.get(name);
  const put = (name: string, value: KumoValue, ...lines: (ReadSetting | undefined)[]): void => {
    const origins = lines.flatMap((setting) => (setting === undefined ? [] : [setting.span]));
    const made: Field = { value, origins, ...(origins.length === 0 ? { comment: PMTA_DEFAULT } : {}) };
    fields.set(name, made);
  };
  put('max_message_size', sizeLimit(line('max-message-size')), line('max-message-size'));
  // Policy refuses the message as a whole, so the listener lets all its recipients through.
  const most = whole ? undefined : line('max-rcpt-per-message');
  put('max_recipients_per_message', limit(most?.value, NO_COUNT_LIMIT), most);
  const timeouts = [line('smtp-command-timeout'), line('smtp-data-timeout')];
  const seconds = timeouts.map((setting) => numberOf(setting?.value, 'interval') ?? 600);
  put('client_timeout', formatDuration(Math.max(...seconds)), ...timeouts);
  const received = isOn(rule, 'add-received-header', true) && !isOn(rule, 'hide-message-source', false);
  put('trace_headers', traceHeaders(received), line('add-received-header'), line('hide-message-source'));
  return fields;
}

/** The whole table, because it replaces KumoMTA's default one. X-KumoRef stays: complaints are matched by it. */
function traceHeaders(received: boolean): KumoTable {
  return { received_header: received, supplemental_header: true, header_name: 'X-KumoRef', include_meta_names: [] };
}

/** Bytes of `max-message-size`; 0 and `unlimited` are the same (M5 3.3.7.34). */
export function sizeLimit(line: ReadSetting | undefined): number {
  return limit(line?.value, NO_SIZE_LIMIT);
}

function limit(value: Value | undefined, unlimited: number): number {
  const given = value?.kind === 'size' || value?.kind === 'int' ? value.value : 'unlimited';
  return given === 'unlimited' || given === 0 ? unlimited : given;
}
