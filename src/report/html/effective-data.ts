import { originOf } from '../../compare/origins';
import { pmtaPath } from '../../compare/pmta-path';
import type { PmtaPath } from '../../compare/sides';
import { domainsFor, type Trace, type Tracer, withoutMail } from '../../compare/trace';
import { hideSecrets } from '../../diagnostics/hide-secrets';
import { visibleText } from '../../diagnostics/visible';
import type { PmtaConfig, Setting, VirtualMta } from '../../pmta/model';
import { type Json, quoteJson } from '../json-text';
import { settingText } from '../trace-report';
import type { EffectiveData, PathData } from './data-format';

/** So many virtual-mtas and domains are looked at, so many paths are shown, and so many compared: each takes a while. */
const MOST_VMTAS = 40;
const MOST_DOMAINS = 40;
const MOST_PATHS = 100;
const MOST_COMPARED = 16;

/** What a virtual-mta has of its own: two that differ in these only treat their mail alike. */
const OWN: ReadonlySet<string> = new Set(['smtp-source-host', 'host-name', 'domain-key', 'virtual-mta']);

/** Where no path can be computed. */
export function noEffective(limits: string): EffectiveData {
  return { limits, vmtas: [], domains: [], pairs: [], paths: [] };
}

/** A comparison with the tree. */
export interface Comparer {
  readonly tracer: Tracer;
  /** Tenants that the mail of a pool gets instead of its own. */
  readonly membersOf: (tenant: string) => readonly string[] | undefined;
}

/**
 * The settings that count in PowerMTA, and with `comparer` what KumoMTA resolves in their place. Pairs of a virtual-mta
 * and a domain for which PowerMTA has the same settings are here once, the most common ones first, within limits that
 * `limits` tells.
 */
export function effectiveData(config: PmtaConfig, comparer?: Comparer): EffectiveData {
  const all = [...config.virtualMtas.values()];
  const vmtas = all.slice(0, MOST_VMTAS);
  const domains = domainNames(config, vmtas);
  const classes = new Map<string, { readonly vmta: VirtualMta; readonly domain: string; count: number }>();
  const keys = vmtas.map((vmta) =>
    domains.shown.map((domain) => {
      const key = classKey(config, vmta, domain);
      const known = classes.get(key);
      if (known === undefined) classes.set(key, { vmta, domain, count: 1 });
      else known.count++;
      return key;
    }),
  );
  const computed = [...classes].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_PATHS);
  const numbers = new Map(computed.map(([key], index) => [key, index]));
  return {
    limits: limitsText(all.length, domains.all, classes.size, comparer !== undefined),
    vmtas: vmtas.map(({ name }) => name),
    domains: domains.shown,
    pairs: keys.map((row) => row.map((key) => numbers.get(key) ?? -1)),
    paths: computed.map(([, { vmta, domain }], index) => {
      const path = pathData(pmtaPath(config, vmta, domain));
      if (comparer === undefined || index >= MOST_COMPARED) return path;
      const trace = comparer.tracer.trace({ vmta }, domain);
      return { ...path, ...comparedData(withoutMail(trace, comparer.membersOf(trace.kumo.tenant))) };
    }),
  };
}

function domainNames(
  config: PmtaConfig,
  vmtas: readonly VirtualMta[],
): { readonly shown: readonly string[]; readonly all: number } {
  const names = new Set<string>();
  for (const vmta of vmtas) for (const domain of domainsFor(config, vmta)) names.add(domain);
  // What nothing names stands for most mail, so it is never left out.
  const [other] = [...names].filter((name) => name === OTHERS);
  const named = [...names].filter((name) => name !== OTHERS);
  const shown = named.slice(0, MOST_DOMAINS - 1);
  return { shown: other === undefined ? shown : [other, ...shown], all: names.size };
}

/** The name that `domainsFor` gives for every domain that no block names. */
const OTHERS = 'named-nowhere.example';

/** PowerMTA's values for a pair, as a text: the same text is the same class. */
function classKey(config: PmtaConfig, vmta: VirtualMta, domain: string): string {
  const { settings, queue } = pmtaPath(config, vmta, domain);
  const blocks = [...vmta.blocks, ...vmta.pools.flatMap((pool) => pool.blocks)];
  const own = blocks.flatMap((block) => block.settings).filter(({ name }) => !OWN.has(name));
  const texts = (list: readonly Setting[]) => list.map(({ name, raw }) => [name, raw]);
  const counting = texts([...settings.values()].map(({ setting }) => setting));
  return JSON.stringify([queue === domain ? '' : queue, counting, texts(own)]);
}

function limitsText(vmtas: number, domains: number, classes: number, compared: boolean): string {
  const limits = [
    vmtas > MOST_VMTAS ? `the first ${MOST_VMTAS} of ${vmtas} virtual-mtas` : '',
    domains > MOST_DOMAINS ? `${MOST_DOMAINS} of ${domains} domains` : '',
    classes > MOST_PATHS ? `the ${MOST_PATHS} most common of ${classes} different sets of settings` : '',
  ].filter((text) => text !== '');
  const here = limits.length === 0 ? '' : `Only ${limits.join(', and ')} are here. `;
  const few = classes > MOST_COMPARED ? `Only the ${MOST_COMPARED} most common sets of settings are compared. ` : '';
  const how = compared ? few : 'Given --compare, convert also compares both sides here. ';
  if (here === '' && how === '') return '';
  return `${here}${how}pmta2kumo trace compares any pair, and pmta2kumo verify all of them.`;
}

function pathData(pmta: PmtaPath): PathData {
  return {
    vmta: pmta.vmta.name,
    domain: pmta.domain,
    queue: `${pmta.queue}/${pmta.vmta.name}`,
    before: [...pmta.settings].map(([name, { setting }]) => [
      visibleText(name),
      visibleText(hideSecrets(settingText(setting), setting.span)),
      originOf(pmta, { directive: name }),
    ]),
    compared: false,
    tenant: '',
    pool: '',
    sources: [],
    routing: '',
    noMail: '',
    rows: [],
    after: [],
  };
}

function comparedData(trace: Trace): Partial<PathData> {
  const { pmta, kumo, comparison } = trace;
  const paths = [...kumo.paths].flatMap(([source, path]) => fieldsOf(`source ${source}`, path));
  return {
    compared: true,
    tenant: kumo.tenant,
    pool: kumo.pool,
    sources: kumo.sources,
    routing: kumo.routingDomain ?? '',
    noMail: trace.noMail ?? '',
    rows: comparison.map(({ directive, pmta: before, kumo: after, verdict, why, lines = [] }) => [
      directive,
      visibleText(before),
      visibleText(after),
      verdict,
      originOf(pmta, { directive, lines }),
      visibleText(why),
    ]),
    after: [...fieldsOf('queue', kumo.queue), ...paths],
  };
}

function fieldsOf(
  of: string,
  fields: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string, string])[] {
  return Object.entries(fields)
    .sort(byKey)
    .map(([name, value]) => [visibleText(of), visibleText(name), valueText(value)]);
}

/** What came out of the Lua runtime, as a text. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return visibleText(value);
  const plain: Json = JSON.parse(JSON.stringify(value, inOrder) ?? 'null');
  return quoteJson(plain);
}

/** Lua gives the keys of a table in another order in each run. */
function inOrder(_: string, value: unknown): unknown {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isTable ? Object.fromEntries(Object.entries(value).sort(byKey)) : value;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
