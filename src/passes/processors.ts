import type { Regex } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';
import type { ReportRule } from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';
import { linesOf, type ReadSetting, winnerOf } from '../pmta/precedence';
import { domainOfRegex } from './address-patterns';
import { shadowedKeys } from './domain-keys';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn } from './policy-writer';
import { translateRegex } from './regex';
import { settleByRow } from './settle';
import { refuseForTarget } from './target';

const NAME = 'processors';

/** Tag → what KumoMTA looks for in mail to the domain (KumoMTA reference, make_listener_domain). */
const FIELDS: Readonly<Record<string, Field>> = {
  'bounce-processor': 'log_oob',
  'feedback-loop-processor': 'log_arf',
};
type Field = 'log_oob' | 'log_arf';

const KINDS = { log_oob: 'bounce', log_arf: 'complaint' } as const;

/**
 * Bounce and complaint processors look at mail for some addresses and write records of it (M5 12.6, 12.7). KumoMTA does
 * so for whole recipient domains, which it then takes mail for from anybody.
 */
export const processorsPass: Pass = {
  name: NAME,
  needs: ['relay-domains'],
  run(context) {
    for (const block of context.config.top.blocks) {
      const field = FIELDS[block.kind];
      if (field !== undefined) convert(context, block, field);
    }
    const { listenerDomains, lua } = context.policy;
    const needed = lua.processors.filter(({ drop, ...to }) => drop || to.unmatchedTo.length + to.errorsTo.length > 0);
    lua.processors.splice(0, lua.processors.length, ...needed);
    for (const [key, wildcard] of shadowedKeys(new Set(listenerDomains.keys()))) {
      for (const [name, value] of listenerDomains.get(wildcard)?.fields ?? []) {
        blockIn(listenerDomains, key).fields.set(name, value);
      }
    }
  },
};

function convert(context: PassContext, block: ScopeBlock, field: Field): void {
  const { ledger } = context;
  const addresses = block.blocks.filter(({ kind }) => kind === 'address-list').flatMap((list) => list.settings);
  const looked = addresses.flatMap((line) => lookedAt(context, line));
  const tags = [block.tag, ...block.blocks.map((list) => list.tag)].flatMap((tag) => tag ?? []);
  const none = 'It lists no address or domain that could be looked at.';
  for (const tag of tags) {
    if (looked.length === 0) ledger.settle(tag, 'manual', NAME, none);
    else if (tag.name !== '<email-patterns>') ledger.settle(tag, 'approximate', NAME, tag.row?.note);
  }
  if (looked.length === 0) settleIdle(context, block, none);
  else {
    logReports(context, block, field, looked);
    passOnUnmatched(context, block, field, looked);
  }
}

/** Of deliver-email and the directives that replace it, the one that counts (M5 3.3.3.1-3.3.3.3). */
function switchOf(block: ScopeBlock, name: string): ReadSetting | undefined {
  return winnerOf(linesOf(block, name)) ?? winnerOf(linesOf(block, 'deliver-email'));
}

function isYes(line: ReadSetting | undefined, byDefault: boolean): boolean {
  return line?.value.kind === 'bool' ? line.value.value : byDefault;
}

const WHAT_TO_DO: readonly string[] = [
  'deliver-email',
  'deliver-matched-email',
  'deliver-unmatched-email',
  'forward-errors-to',
  'forward-unmatched-to',
];

function settleIdle({ ledger }: PassContext, block: ScopeBlock, note: string): void {
  for (const line of WHAT_TO_DO.flatMap((name) => linesOf(block, name))) ledger.settle(line, 'manual', NAME, note);
}

/** KumoMTA records what it recognises, and passes it on or not. */
function logReports(context: PassContext, block: ScopeBlock, field: Field, looked: readonly LookedAt[]): void {
  const { ledger, options, policy } = context;
  const deliver = switchOf(block, 'deliver-matched-email');
  // Older releases know booleans only, and deliver what they have logged.
  const modern = releaseAtLeast(options.target, '2025.05.06');
  const value = modern ? (isYes(deliver, false) ? 'LogThenRelay' : 'LogThenDrop') : true;
  const lines = [...(block.tag === undefined ? [] : [block.tag]), ...(deliver === undefined ? [] : [deliver])];
  for (const domain of new Set(looked.map((one) => one.domain))) {
    const entry = blockIn(policy.listenerDomains, domain);
    entry.fields.set(field, { value, origins: lines.map((line) => line.span) });
    addOrigins(entry, lines);
  }
  if (deliver !== undefined) ledger.settle(deliver, 'exact', NAME);
  const line = deliver ?? block.tag;
  if (!modern && !isYes(deliver, false) && line !== undefined)
    refuseForTarget(context, line, NAME, 'can drop reports that it has logged', '2025.05.06', 'approximate');
}

/** First release in which a policy may send a message of its own. */
const COPIES_SINCE = '2025.10.06';

/** What KumoMTA does not recognise goes on to its recipient, to others, or nowhere. */
function passOnUnmatched(context: PassContext, block: ScopeBlock, field: Field, looked: readonly LookedAt[]): void {
  const { ledger, options } = context;
  const deliver = switchOf(block, 'deliver-unmatched-email');
  const forwards = ['forward-unmatched-to', 'forward-errors-to'].map((name) => linesOf(block, name));
  const copies = releaseAtLeast(options.target, COPIES_SINCE);
  for (const line of forwards.flat()) {
    if (copies) settleByRow(context, line, NAME);
    else refuseForTarget(context, line, NAME, 'sends copies', COPIES_SINCE);
  }
  if (deliver !== undefined) ledger.settle(deliver, 'exact', NAME);
  const [unmatchedTo = [], errorsTo = []] = forwards.map((lines) => (copies ? lines.flatMap(addressesIn) : []));
  const drop = !isYes(deliver, true);
  const origins = [...(deliver === undefined ? [] : [deliver]), ...forwards.flat()].map(({ span }) => span);
  for (const { key, name } of looked) {
    addRule(context.policy.lua.processors, { key, name, kinds: [KINDS[field]], drop, unmatchedTo, errorsTo, origins });
  }
}

/** Two processors may look at the same mail: it is dropped when neither wants it. */
function addRule(rules: ReportRule[], rule: ReportRule): void {
  const at = rules.findIndex(({ key, name }) => key === rule.key && name === rule.name);
  const known = rules[at];
  if (known === undefined) rules.push(rule);
  else
    rules[at] = {
      ...rule,
      kinds: [...new Set([...known.kinds, ...rule.kinds])],
      drop: known.drop && rule.drop,
      unmatchedTo: [...new Set([...known.unmatchedTo, ...rule.unmatchedTo])],
      errorsTo: [...new Set([...known.errorsTo, ...rule.errorsTo])],
      origins: [...known.origins, ...rule.origins],
    };
}

function addressesIn({ value }: ReadSetting): readonly string[] {
  if (value.kind === 'list') return value.values;
  return value.kind === 'text' ? [value.value] : [];
}

/** What a line of an address list names, and the domain that it is in. */
interface LookedAt extends Pick<ReportRule, 'key' | 'name'> {
  readonly domain: string;
}

const WHOLE_DOMAIN = 'Reports to other addresses of the domain are looked at as well.';

/** A pattern without a domain has to be read by a person. */
function lookedAt(context: PassContext, line: Setting): readonly LookedAt[] {
  const { value } = line;
  if (value === undefined) return [];
  const found = value.kind === 'regex-or-text' && value.regex !== undefined ? byRegex(value.regex) : byText(line);
  if (found === undefined) {
    const note = 'Name the domain that these addresses are in: KumoMTA looks at whole domains.';
    context.ledger.settle(line, 'manual', NAME, note);
    return [];
  }
  const whole = found.key === 'domain';
  context.ledger.settle(line, whole ? 'exact' : 'approximate', NAME, whole ? undefined : WHOLE_DOMAIN);
  return [found];
}

function byText({ name, value }: Setting): LookedAt | undefined {
  const text = value?.kind === 'text' ? value.value : value?.kind === 'regex-or-text' ? value.text : undefined;
  const address = text?.toLowerCase() ?? '';
  const domain = address.replace(/^.*@/, '');
  if (domain === '') return undefined;
  if (name === 'domain') return { key: 'domain', name: domain, domain };
  return name === 'address' && address.includes('@') ? { key: 'address', name: address, domain } : undefined;
}

function byRegex({ pattern }: Regex): LookedAt | undefined {
  const domain = domainOfRegex(pattern);
  const translated = translateRegex(pattern);
  if (domain === undefined || 'reason' in translated) return undefined;
  return { key: 'pattern', name: translated.regex, domain };
}
