import type { ProviderBlock } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { type Pass, type PassContext, pathSourcesOf } from './pass';
import { PATH_FIELDS, type PathField, UNLIMITED } from './path-fields';
import { lookupIn, queueOnly, severalAddresses } from './path-lookup';
import { writeDifferences } from './path-writer';
import { hasPlaces, type Place } from './places';
import { addOrigins, blockIn, field, pathBlock } from './policy-writer';

const NAME = 'rollup-exempt';

/**
 * `disable-mx-rollup`: the domain keeps a queue of its own although its mail exchangers fit a rollup (M5 3.3.10.92). A
 * provider cannot leave a domain out, but a domain's own values go before the provider's.
 */
export const rollupExemptPass: Pass = {
  name: NAME,
  needs: ['shaping', 'rollup'],
  run(context) {
    const { config } = context;
    const queues = new Set(
      config.settings.flatMap(({ value }) =>
        value?.kind === 'mx-rollup' ? [value.queue.toLowerCase().replace(/\.rollup$/, '')] : [],
      ),
    );
    const providers = context.policy.shaping.providers.filter(({ name }) => queues.has(name));
    const names = new Set(providers.flatMap(fieldsIn));
    const rows = PATH_FIELDS.filter((row) => names.has(row.field));
    for (const line of config.settings) {
      if (line.name !== 'disable-mx-rollup' || line.value?.kind !== 'bool' || !line.value.value) continue;
      if (!hasPlaces(line.scope)) continue;
      if (queues.size === 0) {
        context.ledger.settle(line, 'implicit', NAME, 'There is no mx-rollup-list, so nothing would be rolled up.');
      } else exempt(context, line, rows);
    }
  },
};

function fieldsIn({ fields, sources }: ProviderBlock): readonly string[] {
  return [fields, ...[...sources.values()].map((source) => source.fields)].flatMap((map) => [...map.keys()]);
}

function exempt(context: PassContext, line: Setting, rows: readonly PathField[]): void {
  const { config, ledger } = context;
  const names = config.domains.blocks
    .filter(({ block }) => block === line.scope)
    .flatMap(({ patterns }) => patterns.map((pattern) => (pattern.form === 'name' ? pattern.name : undefined)));
  if (names.length === 0 || names.includes(undefined)) {
    const note =
      "A provider of KumoMTA holds for every virtual-mta and for all names below a domain: write the domains' own limits by hand.";
    ledger.settle(line, 'manual', NAME, note);
    return;
  }
  for (const name of names) if (name !== undefined) writeOwn(context, line, name, rows);
  ledger.settle(line, 'approximate', NAME, line.row?.note);
}

/** Whatever a provider might set for the domain, as if there were none. */
function writeOwn(context: PassContext, line: Setting, domain: string, rows: readonly PathField[]): void {
  const { config, options, policy } = context;
  const place: Place = { pattern: { form: 'name', name: domain }, domain };
  const get = lookupIn(context, undefined, domain);
  const own = pathBlock(policy, domain);
  for (const row of rows) {
    const wanted = row.read(get, options);
    const found = wanted?.value === UNLIMITED ? undefined : wanted?.value;
    const value = found ?? (wanted === undefined ? row.default : undefined) ?? row.unlimited;
    if (value === undefined) continue;
    own.fields.set(row.field, field(value, wanted?.settings ?? [line]));
    addOrigins(own, [line.scope.tag ?? line]);
  }
  for (const vmta of config.virtualMtas.values()) {
    const several = severalAddresses(context, vmta);
    for (const source of pathSourcesOf(context.egress, vmta.name)) {
      const settings = lookupIn(context, vmta, domain, source);
      const seen = several.has(source) ? queueOnly(settings) : settings;
      writeDifferences(context, { place, vmta, source }, rows, seen, () => blockIn(own.sources, source));
    }
  }
}
