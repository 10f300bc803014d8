import { releaseAtLeast } from '../kumo/format';
import { emptyBlock } from '../kumo/model';
import { effectiveSettings, vmtaSettings } from '../pmta/match';
import type { PmtaConfig, Setting, VirtualMta } from '../pmta/model';
import { addressesOfLine } from './egress';
import type { ColdVirtualMta, Pass, PassContext } from './pass';
import { ownScopes, type Place, placesSetting } from './places';
import { addOrigins, getOrAdd, setField } from './policy-writer';
import { settleByRow } from './settle';
import { tiedSettings } from './tied-settings';

const NAME = 'cold';

export const COLD_LIMIT = 'max-cold-virtual-mta-msg';
const LIMITS: ReadonlySet<string> = new Set([COLD_LIMIT]);
/** First release with source_selection_rate. */
export const COLD_SINCE = '2025.03.19';

/**
 * Cold virtual-mtas: the first messages of a day for each domain leave by them instead of the virtual-mta that was chosen
 * (M5 10.7). Each gets sources of its own beside those with which it sends by itself, because KumoMTA's daily limit
 * belongs to the source: mail that is sent to the cold virtual-mta by name must not wait for it.
 */
export const coldPass: Pass = {
  name: NAME,
  needs: ['egress'],
  run(context) {
    const { config, ledger } = context;
    const known = releaseAtLeast(context.options.target, COLD_SINCE);
    if (known) for (const vmta of config.virtualMtas.values()) convertColds(context, vmta);
    for (const line of config.settings) {
      if (line.fault !== undefined || !/^(?:auto-)?cold-virtual-mta$/.test(line.name) || ledger.isSettled(line))
        continue;
      if (known) ledger.settle(line, 'implicit', NAME, 'No domain has a max-cold-virtual-mta-msg above 0 for it.');
      else ledger.settle(line, 'unsupported', NAME, `KumoMTA can do this from release ${COLD_SINCE} on.`);
    }
  },
};

/** Messages a day that go to each cold virtual-mta of `vmta` for a domain, and the line; 0: none. */
export function coldLimit(
  config: PmtaConfig,
  vmta: VirtualMta,
  domain: string,
): { readonly perDay: number; readonly setting?: Setting } {
  const found = effectiveSettings(config, vmta, domain).get(COLD_LIMIT);
  if (found?.value.kind !== 'daily-rates') return { perDay: 0 };
  // Of a list the smallest: which day it is, only PowerMTA's own files say.
  const perDay = Math.min(...found.value.values.filter((count) => count > 0));
  return { perDay: Number.isFinite(perDay) ? perDay : 0, setting: found.setting };
}

/** Where a virtual-mta's daily limits are set; a rollup queue has no mail of its own in KumoMTA. */
export function coldPlaces(config: PmtaConfig, vmta: VirtualMta): readonly Place[] {
  const places = placesSetting([config.domains, ...ownScopes(vmta)], LIMITS);
  return places.filter(({ domain }) => !domain.endsWith('.rollup'));
}

function convertColds(context: PassContext, vmta: VirtualMta): void {
  const { config, egress } = context;
  const lines = ['cold-virtual-mta', 'auto-cold-virtual-mta'].flatMap((name) => vmtaSettings(config, vmta, name));
  if (lines.length === 0) return;
  if (!coldPlaces(config, vmta).some(({ domain }) => coldLimit(config, vmta, domain).perDay > 0)) return;
  const colds = lines.flatMap((line) => {
    const name = line.value.kind === 'text' ? line.value.value.toLowerCase() : undefined;
    return (name === undefined ? generated(context, vmta, line, lines) : byName(context, vmta, line, name)) ?? [];
  });
  if (colds.length > 0) egress.coldsOf.set(vmta.name.toLowerCase(), colds);
}

/** The sources of a virtual-mta once more, for use within a daily limit. */
function byName(context: PassContext, warm: VirtualMta, line: Setting, name: string): ColdVirtualMta | undefined {
  const { config, egress, ledger, policy, diagnostics } = context;
  const cold = config.virtualMtas.get(name);
  if (cold === undefined) {
    ledger.settle(line, 'invalid', NAME, 'No virtual-mta of this name is defined.');
    return undefined;
  }
  if (cold === warm) {
    ledger.settle(line, 'implicit', NAME, 'It names the virtual-mta itself, so it changes nothing.');
    return undefined;
  }
  const [one, other] = [warm, cold].map((vmta) => tiedSettings(config, vmta));
  if (one?.identity !== other?.identity) {
    const holes = { cold: cold.name, warm: warm.name };
    const tag = cold.blocks[0]?.tag;
    const related = tag === undefined ? [] : [{ span: tag.span, message: `${cold.name} is defined here` }];
    diagnostics.report('cold-differs', line.valueSpan, holes, related);
    const note = `${cold.name} signs or routes otherwise than ${warm.name}, which KumoMTA decides before it chooses the source: it is not used.`;
    ledger.settle(line, 'manual', NAME, note);
    return undefined;
  }
  settleByRow(context, line, NAME);
  if (one?.timing !== other?.timing) {
    ledger.settle(line, 'approximate', NAME, `Age and retry of its mail are those of ${warm.name}.`);
  }
  const sources = (egress.sourcesOf.get(name) ?? []).map((source) => {
    const copy = `${source}#cold`;
    const { fields, origins } = policy.sources.get(source) ?? emptyBlock();
    const comments = [`${cold.name}, within the daily limit of another virtual-mta`];
    policy.sources.set(copy, { fields: new Map(fields), origins: [...origins], comments });
    policy.lua.sharedLimits.set(source, cold.name);
    policy.lua.sharedLimits.set(copy, cold.name);
    return copy;
  });
  return remember(context, { owner: cold, sources, line });
}

/** The virtual-mta that `auto-cold-virtual-mta`, or the old form with an address, makes: NAME-cold. */
function generated(
  context: PassContext,
  warm: VirtualMta,
  line: Setting,
  lines: readonly Setting[],
): ColdVirtualMta | undefined {
  const { config, policy } = context;
  const addresses = addressesOfLine(context, line, NAME);
  if (addresses.length === 0) return undefined;
  settleByRow(context, line, NAME);
  const name = `${warm.name}-cold`;
  const single = addresses.length === 1 && lines.length === 1 && !config.virtualMtas.has(name.toLowerCase());
  const sources = addresses.map(({ address = '', fields, settings }) => {
    const source = single ? name : `${name}#${address}`;
    const block = getOrAdd(policy.sources, source, emptyBlock);
    for (const [field, { value }] of fields)
      if (!block.fields.has(field)) setField(block.fields, field, value, settings);
    addOrigins(block, settings);
    if (!single) policy.lua.sharedLimits.set(source, name);
    return source;
  });
  return remember(context, { owner: warm, sources, line });
}

function remember({ egress, policy }: PassContext, cold: ColdVirtualMta): ColdVirtualMta {
  const key = cold.owner.name.toLowerCase();
  const known = egress.coldSourcesOf.get(key) ?? [];
  egress.coldSourcesOf.set(key, [...new Set([...known, ...cold.sources])]);
  for (const source of cold.sources) policy.coldSources.add(source);
  return cold;
}
