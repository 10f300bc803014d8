import { pmtaPath } from '../../compare/pmta-path';
import { domainsFor, originOf, type Sender, type Trace, type Tracer, withoutMail } from '../../compare/trace';
import { hideSecrets } from '../../diagnostics/hide-secrets';
import { visibleText } from '../../diagnostics/visible';
import type { PmtaConfig, Setting, VirtualMta } from '../../pmta/model';
import { type Json, quoteJson } from '../json-text';
import { settingText } from '../trace-report';
import type { EffectiveData, PathData } from './data-format';

/** So many virtual-mtas and domains of each are looked at, and so many paths are computed. */
const MOST_VMTAS = 40;
const MOST_DOMAINS = 40;
const MOST_PATHS = 16;

/** What a virtual-mta has of its own: two that differ in these only treat their mail alike. */
const OWN: ReadonlySet<string> = new Set(['smtp-source-host', 'host-name', 'domain-key', 'virtual-mta']);

/** Where no path can be computed. */
export function noEffective(limits: string): EffectiveData {
  return { limits, vmtas: [], domains: [], pairs: [], paths: [] };
}

/**
 * The effective settings of both sides. Pairs of a virtual-mta and a domain for which PowerMTA has the same settings are
 * computed once, the most common ones first, within limits that `limits` tells. `membersOf`: tenants that the mail of a
 * pool gets instead of its own.
 */
export function effectiveData(
  config: PmtaConfig,
  tracer: Tracer,
  membersOf: (tenant: string) => readonly string[] | undefined,
): EffectiveData {
  const alone = tracer.senders.filter(({ pool }) => pool === undefined);
  const senders = alone.slice(0, MOST_VMTAS);
  const domains = domainNames(config, senders);
  const classes = new Map<string, { readonly sender: Sender; readonly domain: string; count: number }>();
  const keys = senders.map((sender) =>
    domains.shown.map((domain) => {
      const key = classKey(config, sender.vmta, domain);
      const known = classes.get(key);
      if (known === undefined) classes.set(key, { sender, domain, count: 1 });
      else known.count++;
      return key;
    }),
  );
  const computed = [...classes].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_PATHS);
  const numbers = new Map(computed.map(([key], index) => [key, index]));
  return {
    limits: limitsText(alone.length, domains.all, classes.size),
    vmtas: senders.map(({ vmta }) => vmta.name),
    domains: domains.shown,
    pairs: keys.map((row) => row.map((key) => numbers.get(key) ?? -1)),
    paths: computed.map(([, { sender, domain }]) => {
      const trace = tracer.trace(sender, domain);
      return pathData(withoutMail(trace, membersOf(trace.kumo.tenant)));
    }),
  };
}

function domainNames(
  config: PmtaConfig,
  senders: readonly Sender[],
): { readonly shown: readonly string[]; readonly all: number } {
  const names = new Set<string>();
  for (const { vmta } of senders) for (const domain of domainsFor(config, vmta)) names.add(domain);
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

function limitsText(vmtas: number, domains: number, classes: number): string {
  const limits = [
    vmtas > MOST_VMTAS ? `the first ${MOST_VMTAS} of ${vmtas} virtual-mtas` : '',
    domains > MOST_DOMAINS ? `${MOST_DOMAINS} of ${domains} domains` : '',
    classes > MOST_PATHS ? `the ${MOST_PATHS} most common of ${classes} different sets of settings` : '',
  ].filter((text) => text !== '');
  if (limits.length === 0) return '';
  return `Only ${limits.join(', and ')} are here; pmta2kumo trace shows any pair, and pmta2kumo verify compares all of them.`;
}

function pathData(trace: Trace): PathData {
  const { pmta, kumo, comparison } = trace;
  const paths = [...kumo.paths].flatMap(([source, path]) => fieldsOf(`source ${source}`, path));
  return {
    vmta: trace.vmta,
    domain: trace.domain,
    queue: `${pmta.queue}/${trace.vmta}`,
    tenant: kumo.tenant,
    pool: kumo.pool,
    sources: kumo.sources,
    routing: kumo.routingDomain ?? '',
    noMail: trace.noMail ?? '',
    rows: comparison.map(({ directive, pmta: before, kumo: after, verdict, why }) => [
      directive,
      visibleText(before),
      visibleText(after),
      verdict,
      originOf(pmta, directive),
      visibleText(why),
    ]),
    before: [...pmta.settings].map(([name, { setting }]) => [
      visibleText(name),
      visibleText(hideSecrets(settingText(setting), setting.span)),
      originOf(pmta, name),
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
