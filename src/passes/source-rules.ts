import type { KumoValue } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import { isOn, type PeerRule } from './acl';
import type { PassContext } from './pass';
import { blockIn, field } from './policy-writer';
import { limitFields } from './session-limits';
import { domainSuffix, extraFields, suppresses } from './source-extras';

/** Switches of a source that Lua acts upon: directive → key of the rule and PowerMTA's default (M5 3.3.7). */
export const SWITCHES: readonly (readonly [directive: string, key: string, byDefault: boolean])[] = [
  ['accept-invalid-recipients', 'accept_invalid_recipients', false],
  ['add-message-id-header', 'add_message_id_header', false],
  ['add-received-header', 'add_received_header', true],
  ['add-x-virtual-mta-header', 'add_x_virtual_mta_header', false],
  ['allow-auth', 'allow_auth', true],
  ['allow-empty-x-virtual-mta', 'allow_empty_x_virtual_mta', false],
  ['always-allow-relaying', 'always_allow_relaying', false],
  ['auto-qualify-domain', 'auto_qualify_domain', true],
  ['check-dkim-inbound', 'check_dkim_inbound', false],
  ['check-iprev-inbound', 'check_iprev_inbound', false],
  // The old name of check-spf-inbound, which wins where both are given.
  ['check-mfrom-inbound', 'check_spf_inbound', false],
  ['check-spf-inbound', 'check_spf_inbound', false],
  ['hide-message-source', 'hide_message_source', false],
  ['process-x-dkim-key', 'process_x_dkim_key', false],
  ['process-x-dkim-options', 'process_x_dkim_options', false],
  ['process-x-envid', 'process_x_envid', false],
  ['process-x-job', 'process_x_job', false],
  ['process-x-virtual-mta', 'process_x_virtual_mta', false],
  ['reject-invalid-virtual-mta', 'reject_invalid_virtual_mta', true],
  ['reject-iprev-check-fail', 'reject_iprev_check_fail', false],
  ['reject-iprev-check-permerror', 'reject_iprev_check_permerror', false],
  ['reject-iprev-check-temperror', 'reject_iprev_check_temperror', false],
  ['reject-spf-check-fail', 'reject_spf_check_fail', true],
  ['reject-spf-check-permerror', 'reject_spf_check_permerror', true],
  ['reject-spf-check-temperror', 'reject_spf_check_temperror', true],
  ['remove-received-headers', 'remove_received_headers', false],
  ['require-auth', 'require_auth', false],
  ['retain-x-dkim-key', 'retain_x_dkim_key', false],
  ['retain-x-dkim-options', 'retain_x_dkim_options', false],
  ['retain-x-job', 'retain_x_job', false],
  ['retain-x-virtual-mta', 'retain_x_virtual_mta', false],
  ['smtp-service', 'smtp_service', true],
  ['verp-default', 'verp_default', false],
];

/** Keys of rules that are switches, with what holds when no rule has them. */
export const DEFAULTS: ReadonlyMap<string, KumoValue> = new Map(SWITCHES.map(([, key, byDefault]) => [key, byDefault]));

/** A value of a rule, with the lines it comes from. */
export interface Option {
  readonly value: KumoValue;
  readonly settings: readonly Setting[];
}

/**
 * What Lua has to know of a rule. Defaults are left out, except in an overlay, where an explicit default may override
 * what the client's address gave.
 */
export function ruleFields(context: PassContext, rule: PeerRule, overlay = false): ReadonlyMap<string, Option> {
  const fields = switchFields(rule, overlay);
  if (context.options.dsn) setReports(rule, overlay, fields);
  if (fields.has('auto_qualify_domain') && domainSuffix(context) === undefined) fields.delete('auto_qualify_domain');
  if (fields.has('accept_invalid_recipients') && !suppresses(context)) fields.delete('accept_invalid_recipients');
  for (const [key, option] of extraFields(context, rule)) fields.set(key, option);
  setSpare(context, fields);
  for (const [key, option] of limitFields(context, rule, overlay)) fields.set(key, option);
  const date = rule.settings.get('add-date-header');
  if (date?.value.kind === 'text' && !['no', 'false'].includes(date.value.value)) {
    fields.set('add_date_header', { value: date.value.value === 'override' ? 'override' : 'yes', settings: [date] });
  }
  const job = rule.settings.get('jobid-header');
  // A header that is different in each message would make a queue for each message.
  if (job?.value.kind === 'text' && job.value.value !== '' && !isUnique(job.value.value))
    fields.set('jobid_header', { value: job.value.value, settings: [job] });
  const remove = rule.settings.get('remove-header');
  if (remove?.value.kind === 'list' && remove.value.values.length > 0) {
    fields.set('remove_headers', { value: remove.value.values, settings: [remove] });
  }
  const list = rule.settings.get('pattern-list');
  if (list?.value.kind === 'text' && isDefinedList(context, list.value.value)) {
    fields.set('pattern_list', { value: list.value.value.toLowerCase(), settings: [list] });
  }
  const fallback = rule.settings.get('default-virtual-mta');
  if (fallback?.value.kind === 'text') {
    const name = fallback.value.value.toLowerCase();
    const tenant = name === 'by-smtp-source-ip' ? name : context.egress.tenantOf.get(name);
    if (tenant !== undefined && name !== '{default}')
      fields.set('default_virtual_mta', { value: tenant, settings: [fallback] });
  }
  return fields;
}

function switchFields(rule: PeerRule, overlay: boolean): Map<string, Option> {
  const fields = new Map<string, Option>();
  for (const [directive, key, byDefault] of SWITCHES) {
    const setting = rule.settings.get(directive);
    if (setting === undefined || (!overlay && isOn(rule, directive, byDefault) === byDefault)) continue;
    // For an address the listener leaves its Received header out; for a user Lua has to take it off.
    if (key === 'add_received_header' && !overlay) continue;
    // Without a Received header there is no source in it to hide.
    if (key === 'hide_message_source' && !overlay && !isOn(rule, 'add-received-header', true)) continue;
    fields.set(key, { value: isOn(rule, directive, byDefault), settings: [setting] });
  }
  return fields;
}

/** Whether mail of a source gets delivery reports, and how much of it they hold (M5 3.3.7.27, 3.3.7.28). */
function setReports(rule: PeerRule, overlay: boolean, fields: Map<string, Option>): void {
  const suppress = rule.settings.get('suppress-local-dsn');
  const suppressed = isOn(rule, 'suppress-local-dsn', false);
  if (suppress !== undefined && (suppressed || overlay))
    fields.set('suppress_local_dsn', { value: suppressed, settings: [suppress] });
  const part = rule.settings.get('dsn-return-default');
  const full = part?.value.kind === 'text' && part.value.value === 'full';
  if (part !== undefined && (full || overlay)) fields.set('dsn_return_full', { value: full, settings: [part] });
}

/** The virtual-mta for names that are not defined, where the source does not refuse them (M5 3.3.1.33.2). */
function setSpare(context: PassContext, fields: Map<string, Option>): void {
  const instead = lineOf(context.config.top, 'invalid-virtual-mta-fallback');
  const spare =
    instead?.value?.kind === 'text' ? context.egress.tenantOf.get(instead.value.value.toLowerCase()) : undefined;
  const taken = fields.get('reject_invalid_virtual_mta');
  if (taken?.value !== false) return;
  if (instead !== undefined && spare !== undefined) {
    fields.set('invalid_virtual_mta_fallback', { value: spare, settings: [instead] });
    context.ledger.settle(instead, 'exact', 'selection');
  } else if (fields.has('process_x_virtual_mta')) {
    bounceUnknown(context, taken.settings);
    fields.set('invalid_virtual_mta_fallback', { value: UNKNOWN, settings: taken.settings });
  }
}

/** The tenant of mail that names an unknown virtual-mta. */
const UNKNOWN = 'pmta-unknown-vmta';

/** Without a fallback such mail is taken and bounced afterwards (M5 8.5.2). */
function bounceUnknown({ policy }: PassContext, settings: readonly Setting[]): void {
  policy.lua.endings.set('pmta_unknown_vmta', { code: 550, text: '5.3.5 unknown virtual MTA' });
  const { fields } = blockIn(policy.tenants, UNKNOWN);
  fields.set('protocol', field({ custom_lua: { constructor: 'make.pmta_unknown_vmta' } }, settings));
}

/** The fallback where no source takes unknown names. */
export function settleSpare({ config, egress, ledger }: PassContext): void {
  for (const line of config.top.settings) {
    if (line.name !== 'invalid-virtual-mta-fallback' || line.value?.kind !== 'text' || ledger.isSettled(line)) continue;
    const known = egress.tenantOf.has(line.value.value.toLowerCase());
    const note = known
      ? 'Every source refuses mail that names an unknown virtual-mta, so that it never counts.'
      : 'It names something that is not defined.';
    ledger.settle(line, known ? 'implicit' : 'invalid', 'selection', note);
  }
}

function isDefinedList(context: PassContext, name: string): boolean {
  return context.config.named.get('pattern-list')?.has(name.toLowerCase()) === true;
}

/** True for a header that names the message or its recipient, by the look of its name. */
export function isUnique(header: string): boolean {
  return /(?:message|rcpt|recpt|recipient|subscriber)-?id$/i.test(header);
}
