import type { FieldRow } from '../kumo/api/field';
import { structs } from '../kumo/api/structs';
import type { PolicyTable } from '../kumo/api/value';
import { compareByClass } from './by-class';
import { summaryOf } from './egress';
import { differencesOf } from './fields';
import { meaningOf } from './meaning';
import { NOWHERE } from './names';
import { bothPlaces, type Pair } from './pair';
import { candidates } from './places';
import { ask, type Side } from './side';

/** Up to this many pairs of a domain and a tenant are all asked about. */
const ALL_PAIRS = 2_000;
const SOME_TENANTS = 3;

const QUEUE_ROWS: ReadonlyMap<string, FieldRow> = new Map<string, FieldRow>([
  ...structs.queue_config.fields,
  ['routing_domain', { name: 'routing_domain', type: 'string', since: '2023.03.31' }],
]);

const TENANT_ROWS: ReadonlyMap<string, FieldRow> = new Map<string, FieldRow>([
  ['overall_max_message_rate', { name: 'overall_max_message_rate', type: 'throttle', since: '2023.03.31' }],
  ['require_authz', { name: 'require_authz', type: 'string-list', since: '2023.03.31' }],
]);

/** Compares what the queue helper itself knows: its options, and which tenants there are. */
export function compareTenants(pair: Pair): void {
  const [old, wanted] = [pair.before.parts.state.queues, pair.after.parts.state.queues];
  if (old === undefined || wanted === undefined) {
    if (old !== wanted) {
      pair.notes.add(
        'One tree has no queue helper: which tenants there are is compared by what messages and queues get.',
      );
    }
    return;
  }
  const options = differencesOf(old.options, wanted.options, new Map());
  pair.tally.addFields({ area: 'tenants', subject: ['all mail'] }, options, (path) =>
    bothPlaces(pair, [path], {}, path),
  );
  for (const name of new Set([...old.tenants.keys(), ...wanted.tenants.keys()])) {
    const [before, after] = [old.tenants.get(name), wanted.tenants.get(name)];
    const placed = (field: readonly string[]) => bothPlaces(pair, candidates.tenant(name, field), {}, field);
    const own = (block: typeof before) => tenantFields(Object.fromEntries(block?.params ?? []));
    if (before !== undefined && after !== undefined) {
      const differences = differencesOf(own(before), own(after), TENANT_ROWS);
      pair.tally.addFields({ area: 'tenants', subject: [name] }, differences, placed);
    } else {
      const shown = summaryOf(Object.fromEntries((before ?? after)?.params ?? []), QUEUE_ROWS);
      pair.tally.add({
        area: 'tenants',
        kind: after === undefined ? 'removed' : 'added',
        subject: [name],
        ...(after === undefined ? { before: shown } : { after: shown }),
        judgement: { verdict: 'differs' },
        placesOf: () => placed([]),
      });
    }
  }
}

/** What of a tenant's block is not a field of its queues, which are compared by themselves. */
function tenantFields(params: PolicyTable): PolicyTable {
  return Object.fromEntries(Object.entries(params).filter(([key]) => TENANT_ROWS.has(key)));
}

/** Compares scheduled queues: what handlers answer for a domain, a tenant and a campaign. */
export function compareQueues(pair: Pair): number {
  const subjects = queuesToAsk(pair);
  compareByClass(
    pair,
    {
      subjects,
      rows: QUEUE_ROWS,
      dataOf: (side, subject) => dataOf(side, subject),
      answerOf: (side, subject) => {
        const [domain = '', tenant, campaign] = subject.map((part) => (part === '' ? undefined : part));
        const data = dataOf(side, subject)?.['routing_domain'];
        const answer = ask(side, 'queue', { domain, tenant, campaign });
        return data === undefined ? answer : { ...answer, values: { ...answer.values, routing_domain: data } };
      },
    },
    ({ subject, differences, answers }) => {
      const [domain = '', tenant] = subject.map((part) => (part === '' ? undefined : part));
      pair.tally.addFields(
        { area: 'queues', subject, guessed: answers.before?.guessed === true || answers.after?.guessed === true },
        differences,
        (field) => bothPlaces(pair, candidates.queue(domain, tenant, field), answers, field),
      );
    },
  );
  return subjects.length;
}

function dataOf({ parts }: Side, [domain = '', tenant, campaign]: readonly string[]): PolicyTable | undefined {
  const given = (name: string | undefined) => (name === '' ? undefined : name);
  const found = parts.state.queues?.resolve(domain, given(tenant), given(campaign));
  if (found === undefined) return undefined;
  return Object.fromEntries(Object.entries(found).filter(([key]) => QUEUE_ROWS.has(key)));
}

/** Tenants of one side only are told as such; their queues would repeat it. */
function queuesToAsk(pair: Pair): readonly (readonly string[])[] {
  const [old, wanted] = [pair.before.parts.state.queues, pair.after.parts.state.queues];
  const shared = (tenant: string) =>
    old === undefined || wanted === undefined || (old.tenants.has(tenant) && wanted.tenants.has(tenant));
  const tenants = [...pair.names.tenants].filter(shared);
  const domains = [NOWHERE.domain, ...[...pair.names.domains].filter((name) => !name.startsWith('['))];
  const small = domains.length * tenants.length <= ALL_PAIRS;
  const everywhere = ['', ...(small ? tenants : tenants.slice(0, SOME_TENANTS))];
  const subjects = new Map<string, readonly string[]>();
  const add = (subject: readonly string[]) => subjects.set(JSON.stringify(subject), subject);
  for (const tenant of ['', ...tenants]) add([NOWHERE.domain, tenant]);
  for (const domain of domains) for (const tenant of everywhere) add([domain, tenant]);
  for (const named of pair.names.queues.values()) if (shared(named[1] ?? '')) add(named);
  return [...subjects.values()];
}

/** A text as a meaning, for what is no field of KumoMTA's. */
export function textMeaning(text: string): ReturnType<typeof meaningOf> {
  return meaningOf({ type: 'string' }, text);
}
