import { releaseAtLeast } from '../kumo/format';
import type { Outcome } from '../pmta/ledger';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { isOn, type PeerRule } from './acl';
import { isAddress } from './addresses';
import type { PassContext } from './pass';
import { settleByRow } from './settle';
import { isUnique, type Option } from './source-rules';

/** Directives of a source that say what is done to a message on reception, besides the switches. */
export const EXTRAS: ReadonlySet<string> = new Set([
  'bcc',
  'jobid-prefix',
  'max-message-hops',
  'process-x-schedule',
  'retain-x-schedule',
  'rewrite-list',
  'suppression-lists',
  'too-many-rcpts-fails-message',
]);

/** Switches whose outcome depends on something else. */
export const EXTRA_SWITCHES: ReadonlySet<string> = new Set(['accept-invalid-recipients', 'auto-qualify-domain']);

/** Release from which policy sees a message before it is split by recipients. */
const WHOLE_MESSAGES_SINCE = '2025.12.02';
/** Release from which policy can put further messages into the queues. */
const COPIES_SINCE = '2025.10.06';

/** What these directives add to a rule: key → value. */
export function extraFields(context: PassContext, rule: PeerRule): ReadonlyMap<string, Option> {
  const fields = new Map<string, Option>();
  const line = (name: string) => rule.settings.get(name);
  const put = (key: string, value: Option['value'] | undefined, ...lines: (Setting | undefined)[]): void => {
    if (value !== undefined) fields.set(key, { value, settings: lines.flatMap((setting) => setting ?? []) });
  };
  put('bcc', copyTargets(context, line('bcc')), line('bcc'));
  put('jobid_prefix', textOf(line('jobid-prefix')), line('jobid-prefix'));
  put('max_message_hops', countOf(line('max-message-hops')), line('max-message-hops'));
  put('rewrite_list', knownList(context, 'rewrite-list', line('rewrite-list')), line('rewrite-list'));
  put('suppression_lists', suppressionLists(context, line('suppression-lists')), line('suppression-lists'));
  put(
    'max_rcpts',
    wholeMessageLimit(context, rule),
    line('too-many-rcpts-fails-message'),
    line('max-rcpt-per-message'),
  );
  // KumoMTA does not read the header, but PowerMTA would not have sent it on.
  const dropped = isOn(rule, 'process-x-schedule', false) && !isOn(rule, 'retain-x-schedule', false);
  put('drop_x_schedule', dropped || undefined, line('process-x-schedule'), line('retain-x-schedule'));
  const job = textOf(line('jobid-header'));
  put('unique_job_header', job !== undefined && isUnique(job) ? job : undefined, line('jobid-header'));
  return fields;
}

/** The value of a line that is one text. */
export function textOf(line: Setting | undefined): string | undefined {
  return line?.value?.kind === 'text' && line.value.value !== '' ? line.value.value : undefined;
}

function countOf(line: Setting | undefined): number | undefined {
  return line?.value?.kind === 'int' && line.value.value !== 'unlimited' ? line.value.value : undefined;
}

function namesIn(line: Setting | undefined): readonly string[] {
  return line?.value?.kind === 'list' ? line.value.values : [];
}

function copyTargets({ options }: PassContext, line: Setting | undefined): readonly string[] | undefined {
  const addresses = namesIn(line);
  const possible = addresses.length > 0 && addresses.every(isAddress) && releaseAtLeast(options.target, COPIES_SINCE);
  return possible ? addresses : undefined;
}

function knownList({ config }: PassContext, kind: 'rewrite-list', line: Setting | undefined): string | undefined {
  const name = textOf(line)?.toLowerCase();
  return name !== undefined && config.named.get(kind)?.has(name) === true ? name : undefined;
}

function suppressionLists({ config }: PassContext, line: Setting | undefined): readonly string[] | undefined {
  const names = namesIn(line).map((name) => name.toLowerCase());
  const known = names.filter((name) => isAddressList(config, name));
  return known.length > 0 ? known : undefined;
}

function isAddressList({ named }: PassContext['config'], name: string): boolean {
  return named.get('address-list')?.has(name) === true || named.get('suppression-list')?.has(name) === true;
}

/** The limit of recipients where too many of them fail the message as a whole (M5 3.3.7.37). */
export function wholeMessageLimit({ options }: PassContext, rule: PeerRule): number | undefined {
  if (!isOn(rule, 'too-many-rcpts-fails-message', false)) return undefined;
  if (!releaseAtLeast(options.target, WHOLE_MESSAGES_SINCE)) return undefined;
  return countOf(rule.settings.get('max-rcpt-per-message')) || undefined;
}

/** Settles a line of these directives in a source that applies. */
export function settleExtra(context: PassContext, line: Setting, by: string): void {
  const { ledger, options, config } = context;
  const unsupported = (since: string): void =>
    ledger.settle(line, 'unsupported', by, `KumoMTA can do this from release ${since} on.`);
  if (line.name === 'bcc' && !namesIn(line).every(isAddress)) ledger.settle(line, 'invalid', by, 'It is no address.');
  else if (line.name === 'bcc' && !releaseAtLeast(options.target, COPIES_SINCE)) unsupported(COPIES_SINCE);
  else if (
    line.name === 'suppression-lists' &&
    namesIn(line).some((name) => !isAddressList(config, name.toLowerCase()))
  )
    ledger.settle(line, 'invalid', by, 'It names a list that is not defined.');
  else if (line.name === 'rewrite-list' && knownList(context, 'rewrite-list', line) === undefined)
    ledger.settle(line, 'invalid', by, 'It names something that is not defined.');
  else if (line.name === 'process-x-schedule' || line.name === 'retain-x-schedule') settleSchedule(context, line, by);
  else if (line.name === 'too-many-rcpts-fails-message') settleWholeMessage(context, line, by, unsupported);
  else if (EXTRA_SWITCHES.has(line.name)) settleSwitch(context, line, by);
  else settleByRow(context, line, by);
}

function settleSwitch(context: PassContext, line: Setting, by: string): void {
  const on = line.value?.kind === 'bool' && line.value.value;
  const settle = (outcome: Outcome, note: string): void => context.ledger.settle(line, outcome, by, note);
  if (line.name === 'auto-qualify-domain') {
    if (domainSuffix(context) === undefined) settle('implicit', 'There is no domain-suffix to be added.');
    else settleByRow(context, line, by);
  } else if (!on) settle('implicit', 'With this value the directive asks for nothing.');
  else if (suppresses(context)) settleByRow(context, line, by);
  else settle('unsupported', "KumoMTA's SMTP server always refuses recipients that are no valid address.");
}

function settleWholeMessage(
  { ledger, options }: PassContext,
  line: Setting,
  by: string,
  unsupported: (since: string) => void,
): void {
  const on = line.value?.kind === 'bool' && line.value.value;
  if (!on) ledger.settle(line, 'implicit', by, 'With this value the directive asks for nothing.');
  else if (!releaseAtLeast(options.target, WHOLE_MESSAGES_SINCE)) unsupported(WHOLE_MESSAGES_SINCE);
  else ledger.settle(line, 'exact', by);
}

function settleSchedule({ ledger }: PassContext, line: Setting, by: string): void {
  const on = line.value?.kind === 'bool' && line.value.value;
  if (line.name === 'process-x-schedule') {
    if (on) ledger.settle(line, 'manual', by, `${line.row?.note ?? ''} The header is taken off as PowerMTA does.`);
    else ledger.settle(line, 'implicit', by, 'KumoMTA does not read the header.');
  } else ledger.settle(line, 'exact', by);
}

/** The suffix for unqualified domains, where the configuration has one (M5 3.3.1.24). */
export function domainSuffix(context: PassContext): { readonly suffix: string; readonly line: Setting } | undefined {
  const line = lineOf(context.config.top, 'domain-suffix');
  const suffix = textOf(line)?.toLowerCase().replace(/^\.+/, '');
  return line === undefined || suffix === undefined || !isAddress(`x@${suffix}`) ? undefined : { suffix, line };
}

/** Whether any source refuses recipients by a list. */
export function suppresses({ config }: PassContext): boolean {
  return config.sources.some(({ blocks }) => blocks.some((block) => lineOf(block, 'suppression-lists') !== undefined));
}
