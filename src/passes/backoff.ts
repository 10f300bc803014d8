import { placeOf, type Span } from '../diagnostics/span';
import type { AutomationRule } from '../kumo/model';
import type { ScopeBlock, Setting, VirtualMta } from '../pmta/model';
import { FOR_EVER, limitLines, settleDelivery } from './backoff-limits';
import { type Reaction, reactionsTo } from './backoff-reactions';
import {
  asks,
  hideWiderWaits,
  linesWithoutLimits,
  NO_LIMITS,
  noteBackoffRetry,
  noteLongerRetries,
  settleWithoutReplies,
} from './backoff-retry';
import { copyDefaultRules, outlasting, reportDefaultReach, reportEndless } from './backoff-rules';
import { withShadowed } from './domain-keys';
import type { Pass, PassContext } from './pass';
import type { Lookup } from './path-fields';
import { lookupIn } from './path-lookup';
import { hasPlaces, ownScopes, type Place, placesSetting } from './places';
import { emptyProvider, pathBlock } from './policy-writer';
import { NEVER_COUNTS } from './queue-places';
import { breakSelfMatch, translateRegex } from './regex';
import { changeStatuses } from './reply-status';
import { hasOwnRoutes, isQueueName, landingOf, routeOf } from './routes';

const NAME = 'backoff';

/**
 * `<smtp-pattern-list>` and the backoff family become automation rules, evaluated by the TSA daemon (M5 3.3.15, 10.3).
 * A rule acts on one source and one MX site for a time; PowerMTA's backoff on one queue until it ends.
 */
export const backoffPass: Pass = {
  name: NAME,
  needs: ['shaping'],
  run(context) {
    const written: Written = new Map();
    const vmtas = [undefined, ...context.config.virtualMtas.values()];
    for (const vmta of vmtas) {
      const scopes = vmta === undefined ? [context.config.domains] : ownScopes(vmta);
      for (const place of placesSetting(scopes, BACKOFF_DIRECTIVES)) attach(context, vmta, place, written);
    }
    noteLongerRetries(context, NAME);
    copyDefaultRules(context);
    changeStatuses(context);
    reportDefaultReach(context);
    const { backoffRetry } = context.policy.lua;
    backoffRetry.splice(0, backoffRetry.length, ...withShadowed(backoffRetry));
    settleLists(context);
  },
};

const BACKOFF_DIRECTIVES: ReadonlySet<string> = new Set([
  'backoff-max-connect-rate',
  'backoff-max-msg-per-hour',
  'backoff-max-msg-rate',
  'backoff-max-smtp-out',
  'backoff-reroute-to-virtual-mta',
  'backoff-retry-after',
  'backoff-to-normal-after',
  'backoff-to-normal-after-delivery',
  'reenable-source-ip-after',
  'smtp-pattern-list',
]);

/** Rules that stand somewhere, by place and content, with the lines of their limits. */
type Written = Map<string, Set<Span>>;

const FIXED_HOSTS =
  'KumoMTA looks rules up by the recipient domain or by its MX hosts, and this queue has fixed hosts: put them into the blocks of the recipient domains.';

function attach(context: PassContext, vmta: VirtualMta | undefined, place: Place, written: Written): void {
  const get = lookupIn(context, vmta, place.domain);
  const attached = get('smtp-pattern-list');
  if (attached?.value.kind !== 'text' || attached.value.value === '') {
    settleWithoutReplies(context, get, NAME);
    if (attached !== undefined) hideWiderWaits(context, vmta, place, attached.setting);
    return;
  }
  if (isQueueName(place.domain) && routeOf(context.config, vmta, place.domain).via === 'hosts') {
    for (const line of [attached.setting, ...linesWithoutLimits(get)])
      context.ledger.settle(line, 'manual', NAME, FIXED_HOSTS);
    return;
  }
  noteUnreached(context, vmta, place, attached.setting);
  const lists = context.config.named.get('smtp-pattern-list')?.get(attached.value.value.toLowerCase()) ?? [];
  if (lists.length === 0) {
    settleWithoutReplies(context, get, NAME);
    hideWiderWaits(context, vmta, place, attached.setting);
    return;
  }
  noteBackoffRetry(context, vmta, place, lists, get, NAME);
  const rules = rulesOf(context, lists, get, attached.setting, landingOf(context.config, vmta, place.domain));
  settleDelivery(context, get, rules, NAME);
  for (const rule of rules) {
    const content = JSON.stringify([rule.regex, rule.actions, rule.duration]);
    const key = `${place.domain} ${content}`;
    const limits = limitLines(rule, get);
    // A rule of `default` fires for every domain, so that a domain with the same rule needs no copy.
    const same = written.get(key) ?? written.get(`* ${content}`);
    if (same !== undefined) {
      for (const span of limits) same.add(span);
      continue;
    }
    written.set(key, limits);
    if (rule.duration === FOR_EVER) reportEndless(context, attached.setting);
    const placed = { ...rule, limits };
    const special = place.domain === '*' ? placed : outlasting(context, placed);
    blockFor(context, vmta, place).push(
      vmta === undefined ? special : forAllSources(context, special, vmta, attached.setting),
    );
  }
}

/** Mail of a queue that a virtual-mta sends to hosts of its own is at none of the sites that rules are looked up by. */
function noteUnreached(context: PassContext, vmta: VirtualMta | undefined, { domain }: Place, line: Setting): void {
  if (vmta !== undefined || !isQueueName(domain)) return;
  const { config, ledger } = context;
  const others = [...config.virtualMtas.values()].filter(
    (each) => hasOwnRoutes(each) && routeOf(config, each, domain).via === 'hosts',
  );
  const [first] = others;
  if (first === undefined) return;
  const more = others.length === 1 ? '' : ` and ${others.length - 1} more`;
  const note = `The rules do not reach mail of virtual-mta ${first.name}${more}, which goes to hosts of its own.`;
  ledger.settle(line, 'approximate', NAME, note);
}

/** Rules cannot ask which source a reply came to, so one of a virtual-mta acts for every source. */
function forAllSources(context: PassContext, rule: AutomationRule, vmta: VirtualMta, line: Setting): AutomationRule {
  const note = 'The rule acts for every source that gets such a reply, not only for this virtual-mta.';
  context.ledger.settle(line, 'approximate', NAME, note);
  return { ...rule, comments: [...rule.comments, `from virtual-mta ${vmta.name}; acts for every source`] };
}

function blockFor(context: PassContext, vmta: VirtualMta | undefined, { pattern, domain }: Place): AutomationRule[] {
  const { shaping } = context.policy;
  if (pattern.form === 'any') return shaping.default.automation;
  if (pattern.form === 'name') return pathBlock(context.policy, landingOf(context.config, vmta, domain)).automation;
  const known = shaping.providers.find((provider) => provider.name === domain);
  if (known !== undefined) return known.automation;
  const made = emptyProvider(domain, [{ DomainSuffix: domain.slice(1) }]);
  shaping.providers.push(made);
  return made.automation;
}

function ledgerSelfMatch(context: PassContext, line: Setting): void {
  const note = 'As a rule the pattern would match the records of its own bounces and never end: write it by hand.';
  context.ledger.settle(line, 'manual', NAME, note);
}

/** One rule per reaction, with the patterns that cause it, in the order in which the list first asks for it. */
function rulesOf(
  context: PassContext,
  lists: readonly ScopeBlock[],
  get: Lookup,
  attached: Setting,
  domain: string,
): readonly AutomationRule[] {
  const groups = new Map<string, { reaction: Reaction; regex: string[]; lines: Setting[] }>();
  for (const line of lists.flatMap((list) => list.settings)) {
    if (line.value?.kind !== 'reply') continue;
    const translated = translateRegex(line.value.regex.pattern);
    if ('reason' in translated) {
      if (!context.ledger.isSettled(line))
        context.diagnostics.report('regex-untranslatable', line.valueSpan, { reason: translated.reason });
      context.ledger.settle(line, 'manual', NAME, `The pattern ${translated.reason}: write the rule by hand.`);
      continue;
    }
    for (const reaction of reactionsTo(context, line, line.value.actions, get, domain, NAME)) {
      const key = JSON.stringify(reaction);
      const group = groups.get(key) ?? { reaction, regex: [], lines: [] };
      const bounces = reaction.actions.includes('BounceTenant');
      const regex = bounces ? breakSelfMatch(translated.regex) : translated.regex;
      if (regex === undefined) {
        ledgerSelfMatch(context, line);
        continue;
      }
      groups.set(key, group);
      if (!group.regex.includes(regex)) group.regex.push(regex);
      group.lines.push(line);
    }
  }
  return [...groups.values()].map(({ reaction, regex, lines }) => ({
    regex,
    ...reaction,
    origins: [attached.span, ...lines.map((line) => line.span)],
    comments: lists
      .slice(0, 1)
      .map((list) => `smtp-pattern-list ${list.argument} (${lines[0] === undefined ? '' : placeOf(lines[0].span)})`),
  }));
}

function settleLists(context: PassContext): void {
  const { config, ledger } = context;
  const used = new Set<string>();
  for (const line of config.settings) {
    if (line.scope.kind !== 'domain' || line.value === undefined || !BACKOFF_DIRECTIVES.has(line.name)) continue;
    if (line.name === 'smtp-pattern-list' && line.value.kind === 'text') used.add(line.value.value.toLowerCase());
    if (!NO_LIMITS.has(line.name)) ledger.settle(line, 'approximate', NAME, line.row?.note);
    else if (asks(line) && hasPlaces(line.scope) && !ledger.isSettled(line))
      ledger.settle(line, 'implicit', NAME, NEVER_COUNTS);
  }
  for (const [name, blocks] of config.named.get('smtp-pattern-list') ?? []) {
    for (const block of blocks) {
      const lines = [...(block.tag === undefined ? [] : [block.tag]), ...block.settings];
      for (const line of lines.filter(({ fault }) => fault === undefined)) {
        if (!used.has(name)) ledger.settle(line, 'implicit', NAME, 'No domain uses this list, so it asks for nothing.');
        else if (line === block.tag) ledger.settle(line, 'approximate', NAME, line.row?.note);
      }
    }
  }
}
