import { structs } from '../kumo/api/structs';
import type { PolicyTable, PolicyValue } from '../kumo/api/value';
import type { ApplicableRule } from '../kumo/runtime/shaping';
import type { RuleAction } from '../kumo/runtime/shaping-rule';
import { type Compared, compareByClass } from './by-class';
import { type Leaf, leafDifferences } from './fields';
import { meaningOf } from './meaning';
import { NOWHERE } from './names';
import { bothPlaces, type Pair } from './pair';
import { candidates } from './places';
import { ask, type Side } from './side';

/** Up to this many pairs of a domain and a source are all asked about. */
const ALL_PAIRS = 3_000;
const SOME_SOURCES = 3;
const MOST_DOMAINS = 2_000;

/** Compares paths: what the handler answers for a routing domain and a source. */
export function comparePaths(
  pair: Pair,
  sources: ReadonlySet<string>,
): { paths: number; domains: number; sources: number } {
  const known = [NOWHERE.source, ...sources];
  const domains = [NOWHERE.domain, ...pair.names.domains];
  const subjects = pathsToAsk(pair, domains, known);
  compareByClass(
    pair,
    {
      subjects,
      rows: structs.egress_path.fields,
      dataOf: ({ parts }, [domain = '', source = '']) =>
        parts.state.shaping[0]?.pathFor(domain, source, parts.context.mx.siteOf(domain)),
      answerOf: (side, [domain = '', source = '']) =>
        ask(side, 'path', { domain, source, site: side.parts.context.mx.siteOf(domain) }),
    },
    ({ subject, differences, answers }) => {
      const [domain = '', source = ''] = subject;
      const names = [answers.before, answers.after].map((answer) => answer?.values?.['provider_name']);
      const providers = [...new Set(names)].filter((name) => typeof name === 'string');
      const base = { area: 'paths', subject, guessed: isGuessed(answers) } as const;
      const site = pair.after.parts.context.mx.siteOf(domain);
      for (const difference of differences) {
        const { path } = difference;
        const general = path.map((part, at) => (at === 0 ? part : part.replaceAll(site, 'SITE')));
        pair.tally.addFields(base, [{ ...difference, path: general }], () =>
          bothPlaces(pair, candidates.path(domain, source, providers, path), answers, path),
        );
      }
    },
  );
  return { paths: subjects.length, domains: domains.length, sources: known.length };
}

function isGuessed({ before, after }: Compared['answers']): boolean {
  return before?.guessed === true || after?.guessed === true;
}

function pathsToAsk(
  pair: Pair,
  domains: readonly string[],
  sources: readonly string[],
): readonly (readonly string[])[] {
  const everywhere = domains.length * sources.length <= ALL_PAIRS ? sources : sources.slice(0, SOME_SOURCES);
  const subjects = new Map<string, readonly string[]>();
  const add = (domain: string, source: string) => subjects.set(JSON.stringify([domain, source]), [domain, source]);
  for (const source of sources) add(NOWHERE.domain, source);
  for (const domain of domains) for (const source of everywhere) add(domain, source);
  const shared = new Set(sources);
  for (const [domain, source] of pair.names.paths.values()) if (shared.has(source)) add(domain, source);
  return [...subjects.values()];
}

/** Compares the rules of the automation that mail to a domain is under, whatever block holds them. */
export function compareAutomation(pair: Pair): void {
  const domains = [NOWHERE.domain, ...pair.names.domains].slice(0, MOST_DOMAINS);
  for (const domain of domains) {
    const [before, after] = [rulesOf(pair.before, domain), rulesOf(pair.after, domain)];
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      compareRule(pair, domain, name, before.get(name), after.get(name));
    }
  }
}

function compareRule(
  pair: Pair,
  domain: string,
  name: string,
  before: ApplicableRule | undefined,
  after: ApplicableRule | undefined,
): void {
  const rule = after ?? before;
  const label = `/${rule?.regex.join('/, /') ?? ''}/`;
  const blocks = [blockOf(before, domain), blockOf(after, domain)];
  const placed = () =>
    bothPlaces(
      pair,
      blocks.map((block) => [...block, 'automation']),
      {},
      [],
    );
  if (before !== undefined && after !== undefined) {
    const differences = leafDifferences(leavesOfRule(before), leavesOfRule(after));
    const named = differences.map((each) => ({ ...each, path: [label, ...each.path] }));
    pair.tally.addFields({ area: 'automation', subject: [domain] }, named, placed);
    return;
  }
  const shown = leavesOfRule(after ?? before).map(
    ({ path, row, value }) => `${path.join(' ')} ${meaningOf(row, value).shown}`,
  );
  const text = { key: `${name} ${shown.join(', ')}`, shown: shown.join(', ') };
  pair.tally.add({
    area: 'automation',
    kind: after === undefined ? 'removed' : 'added',
    subject: [domain],
    field: label,
    ...(after === undefined ? { before: text } : { after: text }),
    judgement: after === undefined ? { verdict: 'looser', risk: 'limit' } : { verdict: 'stricter' },
    placesOf: placed,
  });
}

function blockOf(rule: ApplicableRule | undefined, domain: string): readonly string[] {
  const [kind = domain, ...rest] = (rule?.block ?? domain).split(' ');
  return kind === 'provider' ? [kind, rest.join(' ')] : [rule?.block ?? domain];
}

/** Rules by their expressions; several with the same ones are told apart by their order. */
function rulesOf({ tree }: Side, domain: string): ReadonlyMap<string, ApplicableRule> {
  const rules = new Map<string, ApplicableRule>();
  for (const rule of tree.automationFor(domain)) {
    const name = JSON.stringify([...rule.regex].sort());
    let key = name;
    for (let count = 2; rules.has(key); count++) key = `${name} ${count}`;
    rules.set(key, rule);
  }
  return rules;
}

function leavesOfRule(rule: ApplicableRule | undefined): readonly Leaf[] {
  if (rule === undefined) return [];
  return [
    ...rule.actions.flatMap(leavesOfAction),
    { path: ['trigger'], row: { type: 'string' }, value: rule.trigger },
    { path: ['duration'], row: { type: 'duration' }, value: rule.duration },
    { path: ['match_internal'], row: { type: 'bool', default: false }, value: rule.matchInternal },
  ];
}

function leavesOfAction(action: RuleAction): readonly Leaf[] {
  if (!('name' in action)) return [{ path: [action.kind], row: { type: 'bool', default: false }, value: true }];
  const row = structs.egress_path.fields.get(action.name);
  return [{ path: [action.kind, action.name], row, value: policyValue(action.value) }];
}

/** A value that was made plain before, as the comparison takes it. */
function policyValue(value: unknown): PolicyValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(policyValue);
  const table: PolicyTable =
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, policyValue(item)]))
      : {};
  return table;
}
