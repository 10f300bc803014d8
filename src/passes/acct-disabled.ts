import type { RecordType } from '../directives/value';
import type { QueueRule } from '../kumo/policy-lua';
import type { EffectiveSettings, Setting } from '../pmta/model';
import { domainsOf } from './acct-filter';
import { KUMO_TYPES } from './acct-format';
import { typesOf } from './acct-request';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import { hasPlaces, rank } from './places';
import { queuePlaces } from './queue-places';

const NAME = 'accounting';
const DIRECTIVE = 'disable-acct-records';

const TOGETHER =
  'KumoMTA has one record for t and tq: where a file has both, it is left out for queues that switch both off.';

/**
 * `disable-acct-records` (M5 3.3.10.9): which queues have records of some types of one file, the first rule that fits
 * decides. Empty where all have. A record of KumoMTA that stands for several types is off where all of them are.
 */
export function queuesWithout(context: PassContext, types: readonly RecordType[]): readonly QueueRule[] {
  const places = queuePlaces(context, new Set([DIRECTIVE]));
  const isOff = (settings: EffectiveSettings) => types.every((type) => typesOff(settings).includes(type));
  if (!places.some(({ settings }) => isOff(settings))) return [];
  // What a virtual-mta says goes first, and then the more special domain.
  const ordered = places.toSorted(
    (a, b) => Number(b.vmta !== undefined) - Number(a.vmta !== undefined) || rank(b.place) - rank(a.place),
  );
  const rules = ordered.flatMap(({ place, vmta, settings }) =>
    tenantsOf(context, vmta).flatMap((tenant) =>
      domainsOf(place.domain).map((domain) => ({
        ...domain,
        ...(tenant === '' ? {} : { tenant }),
        keep: !isOff(settings),
      })),
    ),
  );
  return [...rules, { keep: true }];
}

function typesOff(settings: EffectiveSettings): readonly string[] {
  const value = settings.get(DIRECTIVE)?.value;
  return value?.kind === 'list' ? value.values : [];
}

/** Types of a file that KumoMTA has one record for stay together. */
export function separable(types: readonly RecordType[]): readonly (readonly RecordType[])[] {
  const groups = new Map<string, RecordType[]>();
  for (const type of types) {
    const key = KUMO_TYPES[type].join();
    groups.set(key, [...(groups.get(key) ?? []), type]);
  }
  return [...groups.values()];
}

/** Settles the lines, after all files. */
export function settleDisabled({ config, ledger }: PassContext): void {
  const files = [...(config.named.get('acct-file')?.values() ?? [])].flat();
  const all = files.map(typesOf);
  for (const line of config.settings) {
    if (line.name !== DIRECTIVE || line.scope.kind !== 'domain' || line.value?.kind !== 'list') continue;
    if (!hasPlaces(line.scope)) continue;
    const { values } = line.value;
    const isThere = all.some((types) => types.some((type) => values.includes(type)));
    if (values.length > 0 && !isThere)
      ledger.settle(line, 'implicit', NAME, 'No accounting file has records of these types.');
    else if (values.length > 0 && all.some((types) => isHalf(types, line)))
      ledger.settle(line, 'approximate', NAME, TOGETHER);
    else if (config.pools.size > 0) ledger.settle(line, 'approximate', NAME, BY_POOL);
    else ledger.settle(line, 'exact', NAME);
  }
}

const BY_POOL = 'Mail to a pool belongs to the queue of the pool, unless Lua resolves it to a member.';

function isHalf(types: readonly RecordType[], { value }: Setting): boolean {
  if (value?.kind !== 'list' || !types.includes('t') || !types.includes('tq')) return false;
  return value.values.includes('t') !== value.values.includes('tq');
}
