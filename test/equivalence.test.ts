import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contains } from '../src/directives/cidr';
import type { Value } from '../src/directives/value';
import { durationSeconds } from '../src/kumo/api/grammars';
import { mxSiteOf } from '../src/kumo/mx-groups';
import type { LoadedTree } from '../src/kumo/runtime/answers';
import { effectiveAll, effectiveSettings, patternsOf } from '../src/pmta/match';
import type { EffectiveSettings, PmtaConfig, VirtualMta } from '../src/pmta/model';
import { type Converted, convertPath, FIXTURES, loadConverted } from './support/converted';
import { corpusConfigs, describeCorpus } from './support/corpus';

/**
 * Both sides of a conversion, computed apart: what PowerMTA's rules give for a queue, and what KumoMTA would resolve
 * from the emitted files. PowerMTA's defaults are those of the manual (M5 3.3.10).
 */
const INTERVALS: readonly (readonly [directive: string, field: string, byDefault: number])[] = [
  ['connect-timeout', 'connect_timeout', 120],
  ['smtp-greeting-timeout', 'banner_timeout', 300],
  ['data-send-timeout', 'data_timeout', 180],
  ['smtp-data-termination-timeout', 'data_dot_timeout', 600],
];

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Messages per second. */
function rateOf(value: Value | undefined): number {
  if (value?.kind !== 'rate' || value.rate === 'unlimited') return Number.POSITIVE_INFINITY;
  return value.rate.count / (value.rate.multiple * UNIT_SECONDS[value.rate.unit]);
}

/** Messages per second of a KumoMTA throttle; the highest ones stand for "no limit". */
function throttleRate(spec: unknown): number {
  const match = /^(\d+)\/(\d*)(s|min|m|h|d)\b/.exec(String(spec ?? ''));
  if (match === null) return Number.POSITIVE_INFINITY;
  const unit = match[3] === 'min' ? 'm' : match[3];
  const seconds = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? UNIT_SECONDS[unit] : 1;
  const rate = Number(match[1]) / (Number(match[2] || '1') * seconds);
  return rate >= 1_000_000 ? Number.POSITIVE_INFINITY : rate;
}

function seconds(value: unknown): number {
  return typeof value === 'number' ? value : (durationSeconds(String(value)) ?? Number.NaN);
}

function countOf(value: Value | undefined, byDefault: number): number {
  return value?.kind === 'int' && typeof value.value === 'number' ? value.value : byDefault;
}

function intervalOf(value: Value | undefined, byDefault: number): number {
  return value?.kind === 'interval' && typeof value.value === 'number' ? value.value : byDefault;
}

const COLD = /^(?:auto-)?cold-virtual-mta$/;

interface Compared {
  readonly what: string;
  readonly pmta: number;
  readonly kumo: number;
}

/** The strictest limit of `CIDR LIMIT` lines for one local address; of lines for one range the nearest counts. */
function limitOf(config: PmtaConfig, vmta: VirtualMta, domain: string, name: string, address: unknown): number {
  const byRange = new Map<string, number>();
  for (const { setting, value } of effectiveAll(config, vmta, domain)) {
    if (setting.name !== name || (value.kind !== 'cidr-int' && value.kind !== 'cidr-rate')) continue;
    if (typeof address !== 'string' || !contains(value.cidr, address)) continue;
    const limit =
      value.kind === 'cidr-rate'
        ? rateOf({ kind: 'rate', rate: value.rate })
        : countOf({ kind: 'int', value: value.value }, Number.POSITIVE_INFINITY);
    byRange.set(value.cidr, limit);
  }
  return Math.min(...byRange.values(), Number.POSITIVE_INFINITY);
}

/** A limit beside the one of the queue, for one of several addresses. */
function ofAddress(table: unknown): unknown {
  const entries = typeof table === 'object' && table !== null ? Object.entries(table) : [];
  return entries.find(([key]) => key.startsWith('pmta-ip:'))?.[1];
}

function comparePath(
  settings: EffectiveSettings,
  path: Readonly<Record<string, unknown>>,
  addressLimit: (directive: string) => number,
): readonly Compared[] {
  const value = (name: string) => settings.get(name)?.value;
  const connections = countOf(value('max-smtp-out'), 20);
  const ownConnections = Number(ofAddress(path['additional_connection_limits']) ?? Number.POSITIVE_INFINITY);
  const ownRate = throttleRate(ofAddress(path['additional_message_rate_throttles']));
  const perMessage = countOf(value('max-msg-per-connection'), 0);
  return [
    {
      what: 'max-smtp-out',
      pmta: Math.min(connections, addressLimit('source-ip-max-smtp-out')),
      kumo: Math.min(Number(path['connection_limit']), ownConnections),
    },
    {
      what: 'max-msg-rate',
      pmta: Math.min(rateOf(value('max-msg-rate')), addressLimit('source-ip-max-msg-rate')),
      kumo: Math.min(throttleRate(path['max_message_rate']), ownRate),
    },
    {
      what: 'max-msg-per-connection',
      pmta: perMessage === 0 ? 1_000_000 : perMessage,
      kumo: Number(path['max_deliveries_per_connection']),
    },
    ...INTERVALS.map(([directive, field, byDefault]) => ({
      what: directive,
      pmta: intervalOf(value(directive), byDefault),
      kumo: seconds(path[field]),
    })),
  ];
}

function compareQueue(settings: EffectiveSettings, queue: Readonly<Record<string, unknown>>): readonly Compared[] {
  const retry = settings.get('retry-after')?.value;
  const list = retry?.kind === 'intervals' && retry.values.length > 0 ? retry.values : [600];
  const recipients = intervalOf(settings.get('retry-recipients-after')?.value, 0);
  const least = Math.max(recipients, Math.min(...list));
  return [
    {
      what: 'bounce-after',
      pmta: intervalOf(settings.get('bounce-after')?.value, 388_800),
      kumo: seconds(queue['max_age']),
    },
    { what: 'retry-after', pmta: least, kumo: seconds(queue['retry_interval']) },
  ];
}

/** Messages a day that each cold source in use takes, or 0 for none (M5 3.3.10.48); of a list the smallest. */
function compareCold(
  { conversion: { policy } }: Converted,
  settings: EffectiveSettings,
  sources: readonly string[],
  rate: (source: string) => unknown,
): readonly Compared[] {
  const limit = settings.get('max-cold-virtual-mta-msg')?.value;
  const days = limit?.kind === 'daily-rates' ? limit.values.filter((count) => count > 0) : [];
  const pmta = days.length === 0 ? 0 : Math.min(...days);
  const cold = sources.filter((source) => policy.coldSources.has(source));
  return [
    { what: 'cold virtual-mtas in use', pmta: pmta === 0 ? -1 : 1, kumo: cold.length === 0 ? -1 : 1 },
    ...cold.map((source) => ({
      what: `max-cold-virtual-mta-msg by ${source}`,
      pmta,
      kumo: Math.round(throttleRate(rate(source)) * 86_400),
    })),
  ];
}

/** Names to ask about: some of those that blocks name, below wildcards too, and one that nothing names. */
function domainsOf(config: PmtaConfig, vmta: VirtualMta): readonly string[] {
  const scopes = [config.domains, vmta.domains, ...(vmta.domainPool === undefined ? [] : [vmta.domainPool.domains])];
  const names = scopes.flatMap((scope) =>
    patternsOf(scope).flatMap((pattern) => {
      // Nobody has an address there: mail gets into these queues from other domains, which are asked about.
      if (pattern.form === 'name') return /^\{|\.(?:queue|rollup)$/.test(pattern.name) ? [] : [pattern.name];
      return pattern.form === 'below' || pattern.form === 'tree' ? [`a.${pattern.name}`, pattern.name] : [];
    }),
  );
  const all = [...new Set(names)];
  const step = Math.max(1, Math.floor(all.length / 20));
  return [...all.filter((_, i) => i % step === 0), 'named-nowhere.example'];
}

/** Domains of one site share a queue in KumoMTA, and the stricter setting counts; a provider may take in a relative. */
function sharesSite(domain: string): boolean {
  return mxSiteOf(domain) !== undefined;
}

/** The queue whose settings count in PowerMTA (M5 10.9). */
function pmtaQueue(config: PmtaConfig, vmta: VirtualMta, domain: string): string {
  const next = effectiveSettings(config, vmta, domain).get('queue-to')?.value;
  return next?.kind === 'text' && next.value !== '' && next.value !== domain ? next.value : domain;
}

/** The queue and the route that a message for `domain` gets, when it can be handed in for this virtual-mta. */
function kumoQueue(tree: LoadedTree, vmta: VirtualMta, domain: string) {
  const message = tree.message({
    peer: '127.0.0.1',
    sender: 'a@sender.example',
    recipient: `b@${domain}`,
    headers: [
      ['From', 'a@sender.example'],
      ['X-Virtual-MTA', vmta.name],
    ],
  });
  if (message.rejected !== undefined || message.tenant !== vmta.name.toLowerCase()) return undefined;
  const [, queue = domain, route] = /@([^!]*)(?:!(.*))?$/.exec(message.queue) ?? [];
  return { queue, route: route ?? message.routingDomain ?? queue, sources: message.sources };
}

async function differences(converted: Converted, tree: LoadedTree): Promise<readonly string[]> {
  const { config } = converted.conversion;
  const found: string[] = [];
  const vmtas = [...config.virtualMtas.values()];
  const step = Math.max(1, Math.floor(vmtas.length / 6));
  for (const vmta of vmtas.filter((_, i) => i % step === 0)) {
    const source = [...(tree.pools().get(vmta.name) ?? [])][0]?.name;
    for (const domain of domainsOf(config, vmta)) {
      const moved = pmtaQueue(config, vmta, domain);
      const settings = effectiveSettings(config, vmta, moved);
      const accepted = kumoQueue(tree, vmta, domain);
      const rerouted = moved !== domain || settings.has('smtp-hosts') || settings.has('route');
      // Where the message cannot be handed in, its route is not known.
      if (accepted === undefined && rerouted) continue;
      const { queue: name, route } = accepted ?? { queue: domain, route: domain };
      const queue = tree.queueConfig(name, vmta.name.toLowerCase());
      const address = tree.sources().get(source ?? '')?.['source_address'];
      const addressLimit = (name: string) => limitOf(config, vmta, moved, name, address);
      const path = source === undefined ? [] : comparePath(settings, tree.egressPath(route, source), addressLimit);
      const usesCold = vmta.blocks.some((block) => block.settings.some(({ name: line }) => COLD.test(line)));
      const cold =
        accepted === undefined || !usesCold
          ? []
          : compareCold(
              converted,
              settings,
              accepted.sources,
              (by) => tree.egressPath(route, by)['source_selection_rate'],
            );
      for (const { what, pmta, kumo } of [...path, ...cold, ...compareQueue(settings, queue)]) {
        if (pmta === 0 || pmta === kumo || ((sharesSite(domain) || sharesSite(route)) && kumo < pmta)) continue;
        found.push(`${domain}/${vmta.name} ${what}: PowerMTA ${pmta}, KumoMTA ${kumo}`);
      }
    }
  }
  return found;
}

async function check(path: string): Promise<void> {
  const converted = convertPath(path);
  const tree = await loadConverted(converted);
  try {
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await differences(converted, tree)).toEqual([]);
  } finally {
    tree.close();
  }
}

describe('what KumoMTA resolves from the emitted tree is what PowerMTA would do', () => {
  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))('fixture %s', (name) =>
    check(join(FIXTURES, name, 'input')),
  );
});

describeCorpus('what KumoMTA resolves from the emitted tree is what PowerMTA would do', () => {
  it.each(corpusConfigs())('$name', ({ path }) => check(path));
});

describe('a tree for the oldest release holds nothing newer', () => {
  const options = { target: '2024.11.08' };
  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))('fixture %s', async (name) => {
    const tree = await loadConverted(convertPath(join(FIXTURES, name, 'input'), options), options);
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    tree.close();
  });
});
