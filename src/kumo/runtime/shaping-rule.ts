import { didYouMean } from '../../diagnostics/likeness';
import { durationSeconds, parseThrottle } from '../api/grammars';
import { asList, asTable, type PolicyTable, type PolicyValue, plain, quoted } from '../api/value';
import type { Context } from './context';
import type { FindingCode, Place } from './finding';
import { compileRegex, matchBounded } from './regex';
import { keyProblems, need } from './uses';

/** What an automation rule does; `value` as the file has it. */
export type RuleAction =
  | { readonly kind: 'Suspend' | 'SuspendTenant' | 'SuspendCampaign' | 'Bounce' | 'BounceTenant' | 'BounceCampaign' }
  | { readonly kind: 'SetConfig' | 'SetDomainConfig'; readonly name: string; readonly value: unknown };

/** A rule of `automation`, as tsa-daemon works with it. */
export interface AutomationRule {
  readonly regex: readonly string[];
  readonly actions: readonly RuleAction[];
  /** `Immediate`, or matches per period (`5/hr`). */
  readonly trigger: string;
  /** seconds */
  readonly duration: number;
  readonly matchInternal: boolean;
  /** The block that holds it: `default`, `provider NAME` or a domain. */
  readonly block: string;
  /** The place of a key of the rule. */
  placeOf(keys: readonly string[]): Place | undefined;
}

type PlaceOf = (keys: readonly string[]) => Place | undefined;

const ruleKeys = ['action', 'duration', 'match_internal', 'regex', 'trigger'];
const plainActions = {
  Bounce: '2025.01.23',
  BounceCampaign: '2025.01.23',
  BounceTenant: '2025.01.23',
  Suspend: '2023.08.22',
  SuspendCampaign: '2024.06.10',
  SuspendTenant: '2024.06.10',
} as const;

/** Reads and checks a rule; undefined when KumoMTA would refuse the file for it. */
export function readRule(
  value: PolicyValue,
  block: string,
  context: Context,
  placeOf: PlaceOf,
): AutomationRule | undefined {
  const table = asTable(value);
  const complain = (code: FindingCode, text: string, keys: readonly string[] = []) =>
    context.findings.add(code, `automation of ${block}: ${text}`, placeOf(keys));
  if (table === undefined) return void complain('tree-bad-value', 'a rule has to be a table');
  for (const key of Object.keys(table)) {
    if (ruleKeys.includes(key)) continue;
    complain('tree-swallowed-key', `KumoMTA ignores the key ${quoted(key)} of a rule${didYouMean(key, ruleKeys)}`, [
      key,
    ]);
  }
  const regex = textsOf(table['regex']);
  const duration = durationSeconds(plainOf(table['duration']));
  const actions = readActions(table['action'], block, context, placeOf(['action']));
  if (regex === undefined)
    return void complain('tree-missing-field', 'a rule needs regex, a text or an array of texts', ['regex']);
  if (duration === undefined) return void complainOfDuration(table['duration'], complain);
  if (actions === undefined) return undefined;
  const trigger = readTrigger(table, complain);
  const rule = { regex, actions, trigger, duration, matchInternal: table['match_internal'] === true, block, placeOf };
  checkRegexes(rule, context, placeOf(['regex']));
  return rule;
}

type Complain = (code: FindingCode, text: string, keys?: readonly string[]) => void;

function complainOfDuration(value: PolicyValue | undefined, complain: Complain): void {
  if (value === undefined) complain('tree-missing-field', 'a rule needs duration, like "2h"');
  else if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) {
    complain('tree-duration-quoted', `${quoted(value)} has no unit; write it without quotes or add one`, ['duration']);
  } else complain('tree-bad-value', 'duration has to be like "2h", or a number of seconds', ['duration']);
}

function plainOf(value: PolicyValue | undefined): unknown {
  return value === undefined ? undefined : plain(value);
}

function textsOf(value: PolicyValue | undefined): readonly string[] | undefined {
  const items = typeof value === 'string' ? [value] : asList(value);
  const texts = items?.filter((item) => typeof item === 'string');
  return texts !== undefined && texts.length > 0 && texts.length === items?.length ? texts : undefined;
}

function readTrigger(table: PolicyTable, complain: Complain): string {
  const trigger = table['trigger'] ?? 'Immediate';
  if (trigger === 'Immediate') return trigger;
  const threshold = asTable(trigger)?.['Threshold'];
  if (typeof threshold === 'string' && parseThrottle(threshold) !== undefined) return threshold;
  complain('tree-bad-value', 'trigger has to be "Immediate" or { Threshold = "N/period" }', ['trigger']);
  return 'Immediate';
}

function readActions(
  value: PolicyValue | undefined,
  block: string,
  context: Context,
  place: Place | undefined,
): readonly RuleAction[] | undefined {
  const items = asList(value) ?? (value === undefined ? [] : [value]);
  const actions = items.map((item) => readAction(item, block, context, place));
  if (items.length === 0)
    context.findings.add('tree-missing-field', `automation of ${block}: a rule needs action`, place);
  const good = actions.filter((action) => action !== undefined);
  return items.length > 0 && good.length === items.length ? good : undefined;
}

function readAction(
  item: PolicyValue,
  block: string,
  context: Context,
  place: Place | undefined,
): RuleAction | undefined {
  const known = Object.entries(plainActions).find(([name]) => name === item);
  if (known !== undefined) {
    const [name, since] = known;
    const message = `automation of ${block}: the action ${name} exists since KumoMTA ${since}`;
    need(context, `the action ${name}`, since, place, message);
    return { kind: name as keyof typeof plainActions };
  }
  const table = asTable(item) ?? {};
  for (const kind of ['SetConfig', 'SetDomainConfig'] as const) {
    const config = asTable(table[kind]);
    if (config !== undefined) return readSetting(kind, config, block, context, place);
  }
  const names = [...Object.keys(plainActions), 'SetConfig', 'SetDomainConfig'];
  const hint = didYouMean(typeof item === 'string' ? item : (Object.keys(table)[0] ?? ''), names);
  context.findings.add('tree-bad-value', `automation of ${block}: there is no such action${hint}`, place);
  return undefined;
}

function readSetting(
  kind: 'SetConfig' | 'SetDomainConfig',
  config: PolicyTable,
  block: string,
  context: Context,
  place: Place | undefined,
): RuleAction | undefined {
  const { name, value } = config;
  if (typeof name !== 'string' || value === undefined) {
    context.findings.add('tree-missing-field', `automation of ${block}: ${kind} needs name and value`, place);
    return undefined;
  }
  for (const { kind: fault, path, message } of keyProblems(context, 'egress_path', name, value, () => place)) {
    const code = fault === 'too-new' ? 'tree-too-new' : 'tree-set-config';
    context.findings.add(code, `automation of ${block}: ${kind} of ${path.join('.')}: ${message}`, place);
  }
  return { kind, name, value: plain(value) };
}

/** Expressions that never match, do not compile, or fit the record that their own action writes. */
function checkRegexes(rule: AutomationRule, context: Context, place: Place | undefined): void {
  const bounces = rule.actions.some((action) => action.kind.startsWith('Bounce'));
  const again = bounces || rule.matchInternal;
  for (const pattern of rule.regex) {
    const where = `automation of ${rule.block}: ${quoted(pattern)}`;
    if (/^\/.+\/[a-z]*$/s.test(pattern)) {
      context.findings.add('tree-regex-slashes', `${where} matches only text with slashes around it`, place);
    }
    const compiled = compileRegex(pattern);
    if ('fault' in compiled) {
      const code = compiled.fault === 'invalid' ? 'tree-regex-invalid' : 'tree-not-modelled';
      context.findings.add(code, `${where}: ${compiled.reason}`, place);
    } else if (again && matchBounded(compiled.regex, ownText(pattern, bounces)) !== null) {
      context.findings.add('tree-endless-rule', `${where} fits the text of its own effect, which so never ends`, place);
    }
  }
}

/** What KumoMTA writes as response once the rule took effect (mapping of back-off rules; not marked internal for bounces). */
function ownText(pattern: string, bounces: boolean): string {
  return bounces
    ? `551 5.7.1 Administrator bounced with reason: automation rule: ${pattern} (rule_hash=0)`
    : `451 4.4.4 KumoMTA internal: scheduled queue is suspended: automation rule: ${pattern}`;
}

/** Does the rule fit a reply (`421 4.7.0 text`, on one line)? Internal texts only where the rule asks for them. */
export function ruleMatches(rule: AutomationRule, reply: string): boolean {
  if (/^\d{3} (?:\d\.\d+\.\d+ )?KumoMTA internal: /.test(reply) && !rule.matchInternal) return false;
  return rule.regex.some((pattern) => {
    const compiled = compileRegex(pattern);
    return 'regex' in compiled && matchBounded(compiled.regex, reply) !== null;
  });
}
