import { releaseAtLeast } from '../kumo/format';
import type { Setting, VirtualMta } from '../pmta/model';
import { COLD_LIMIT, COLD_SINCE, coldLimit, coldPlaces } from './cold';
import type { Pass, PassContext } from './pass';
import type { Lookup, PathField } from './path-fields';
import { blockOf, writeDifferences } from './path-writer';
import { type Place, rank } from './places';
import { blockIn, getOrAdd } from './policy-writer';
import { throttleOf } from './rates';
import { settleByRow } from './settle';

const NAME = 'cold-limits';

/** Messages a day become the rate at which the pool may choose the source for a site. */
const ROW: PathField = {
  field: 'source_selection_rate',
  directives: [COLD_LIMIT],
  since: COLD_SINCE,
  read(get, { target }) {
    const found = get(COLD_LIMIT);
    if (found?.value.kind !== 'int' || typeof found.value.value !== 'number') return undefined;
    const rate = { count: found.value.value, multiple: 1, unit: 'd' as const };
    return { value: throttleOf(rate, target), settings: [found.setting] };
  },
};

/** The daily limits of cold virtual-mtas (M5 3.3.10.48). */
export const coldLimitsPass: Pass = {
  name: NAME,
  needs: ['cold', 'shaping'],
  run(context) {
    const bySource = new Map<string, VirtualMta[]>();
    const { lua, coldSources } = context.policy;
    const shared = [...coldSources].flatMap((source) => lua.sharedLimits.get(source) ?? []);
    if (new Set(shared).size < shared.length) lua.sharedSelection = true;
    for (const [name, colds] of context.egress.coldsOf) {
      const warm = context.config.virtualMtas.get(name);
      for (const cold of colds) {
        for (const source of cold.sources) if (warm !== undefined) getOrAdd(bySource, source, () => []).push(warm);
      }
    }
    for (const [source, warms] of bySource) writeLimits(context, source, warms);
    settleLimits(context);
  },
};

function writeLimits(context: PassContext, source: string, warms: readonly VirtualMta[]): void {
  const { config } = context;
  const places = new Map(
    warms.flatMap((warm) => coldPlaces(config, warm)).map((place): [string, Place] => [place.domain, place]),
  );
  for (const place of [...places.values()].sort((a, b) => rank(a) - rank(b))) {
    const [first] = warms;
    const get: Lookup = (directive) => (directive === COLD_LIMIT ? strictest(context, warms, place.domain) : undefined);
    const block = () => blockIn(blockOf(context, first, place).sources, source);
    writeDifferences(context, { place, source, ...(first === undefined ? {} : { vmta: first }) }, [ROW], get, block);
  }
}

/** PowerMTA does not say whether virtual-mtas with the same cold one count together; here they do. */
function strictest(context: PassContext, warms: readonly VirtualMta[], domain: string): ReturnType<Lookup> {
  const limits = warms.flatMap((warm) => {
    const { perDay, setting } = coldLimit(context.config, warm, domain);
    return perDay === 0 || setting === undefined ? [] : [{ perDay, setting }];
  });
  const [least] = limits.sort((a, b) => a.perDay - b.perDay);
  return least === undefined ? undefined : { value: { kind: 'int', value: least.perDay }, setting: least.setting };
}

function settleLimits(context: PassContext): void {
  for (const line of context.config.settings) {
    if (line.name === COLD_LIMIT && line.value?.kind === 'daily-rates' && line.scope.kind === 'domain')
      settleLimit(context, line, line.value.values);
  }
}

function settleLimit(context: PassContext, line: Setting, days: readonly number[]): void {
  const { diagnostics, egress, ledger } = context;
  const concerned = concernedBy(context, line);
  if (!concerned.some((vmta) => hasColdLine(vmta))) {
    const note = 'No virtual-mta that this is for has a cold-virtual-mta, so it limits nothing in PowerMTA either.';
    ledger.settle(line, 'implicit', NAME, note);
  } else if (!releaseAtLeast(context.options.target, COLD_SINCE)) {
    ledger.settle(line, 'unsupported', NAME, `KumoMTA can do this from release ${COLD_SINCE} on.`);
  } else if (days.every((count) => count === 0)) {
    ledger.settle(line, 'exact', NAME);
  } else if (line.scope.argument.toLowerCase().endsWith('.rollup')) {
    const note =
      'Write provider_source_selection_rate for the cold sources into the provider, and their pool for its domains.';
    ledger.settle(line, 'manual', NAME, note);
  } else if (!concerned.some((vmta) => egress.coldsOf.has(vmta.name.toLowerCase()))) {
    ledger.settle(line, 'manual', NAME, 'None of the cold virtual-mtas could be converted.');
  } else if (new Set(days).size > 1) {
    const limit = String(Math.min(...days.filter((count) => count > 0)));
    diagnostics.report('cold-list', line.valueSpan, { days: String(days.length), limit });
    const note = `The limit of ${limit} a day is written; raise source_selection_rate in shaping.toml day by day, as the list says.`;
    ledger.settle(line, 'manual', NAME, note);
  } else {
    settleByRow(context, line, NAME);
  }
}

/** The virtual-mtas for which a line in a `<domain>` may count. */
function concernedBy({ config }: PassContext, { scope }: Setting): readonly VirtualMta[] {
  const all = [...config.virtualMtas.values()];
  const holder = scope.parent;
  if (holder?.kind === 'virtual-mta') return all.filter(({ blocks }) => blocks.includes(holder));
  if (holder?.kind === 'virtual-mta-pool')
    return all.filter(({ pools }) => pools.some(({ blocks }) => blocks.includes(holder)));
  return all;
}

function hasColdLine({ blocks, pools }: VirtualMta): boolean {
  const around = [...blocks, ...pools.flatMap((pool) => pool.blocks)];
  return around.some(({ settings }) =>
    settings.some(({ name, value }) => value !== undefined && /^(?:auto-)?cold-virtual-mta$/.test(name)),
  );
}
