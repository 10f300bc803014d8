import { contains, parseAddress, prefixLength } from '../directives/cidr';
import { asciiName, patternKey } from './domain-pattern';
import type {
  DomainBlock,
  DomainPattern,
  DomainScope,
  Effective,
  EffectiveSettings,
  PmtaConfig,
  Setting,
  VirtualMta,
} from './model';
import { winnersByName } from './precedence';

export { type VmtaSetting, vmtaSetting, vmtaSettings } from './vmta-setting';

/** Every block of one pattern within one scope, weakest first. */
interface PatternEntry {
  readonly pattern: DomainPattern;
  readonly blocks: DomainBlock[];
  /** Made when they are first asked for. */
  effective?: readonly Effective[];
  merged?: ReadonlyMap<string, Setting>;
}

interface ScopeIndex {
  /** By patternKey, in order of appearance. */
  readonly entries: ReadonlyMap<string, PatternEntry>;
  /** Address literals, longest prefix last. */
  readonly literals: readonly PatternEntry[];
}

const indexes = new WeakMap<DomainScope, ScopeIndex>();

/**
 * The queue settings that count for mail to `domain` through a virtual-mta (undefined: `{default}` undeclared).
 * Scopes go from global over the pool to the virtual-mta, and within a scope patterns from general to specific; the
 * later one wins directive by directive (M5 3.3.10, 3.3.13.2). Of a directive that adds up, the last line counts here.
 */
export function effectiveSettings(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): EffectiveSettings {
  const effective = new Map<string, Effective>();
  for (const { scope, from } of scopesFor(config, vmta)) {
    for (const entry of entriesFor(scope, domain)) {
      for (const one of effectiveOf(entry, from)) effective.set(one.setting.name, one);
    }
  }
  return effective;
}

/** Every queue setting that applies to mail to `domain`, overridden ones too, weakest first; for directives that add up. */
export function effectiveAll(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): readonly Effective[] {
  return scopesFor(config, vmta).flatMap(({ scope, from }) =>
    entriesFor(scope, domain).flatMap(({ pattern, blocks }) =>
      blocks
        .flatMap(({ block }) => block.settings)
        .flatMap((setting) => (setting.value === undefined ? [] : [{ setting, value: setting.value, from, pattern }])),
    ),
  );
}

/** Like effectiveSettings, for a virtual-mta by name (any case). Undefined when there is no such virtual-mta. */
export function resolve(config: PmtaConfig, vmtaName: string, domain: string): EffectiveSettings | undefined {
  const vmta = config.virtualMtas.get(vmtaName.toLowerCase());
  return vmta === undefined ? undefined : effectiveSettings(config, vmta, domain);
}

/** The merged settings of exactly this pattern within one scope: explicit blocks over macro blocks, later over earlier. */
export function patternSettings(scope: DomainScope, pattern: DomainPattern): ReadonlyMap<string, Setting> {
  const entry = indexOf(scope).entries.get(patternKey(pattern));
  return entry === undefined ? new Map() : mergedOf(entry);
}

const namesOf = new WeakMap<DomainScope, ReadonlySet<string>>();

/** Whether some block of a scope has a line of one of these directives. */
export function saysAny(scope: DomainScope, names: ReadonlySet<string>): boolean {
  const known =
    namesOf.get(scope) ?? new Set(scope.blocks.flatMap(({ block }) => block.settings.map(({ name }) => name)));
  namesOf.set(scope, known);
  for (const name of names) if (known.has(name)) return true;
  return false;
}

const patternLists = new WeakMap<DomainScope, readonly DomainPattern[]>();

/** The patterns of a scope, each once, in order of appearance. */
export function patternsOf(scope: DomainScope): readonly DomainPattern[] {
  const known = patternLists.get(scope) ?? listPatterns(scope);
  patternLists.set(scope, known);
  return known;
}

function listPatterns(scope: DomainScope): readonly DomainPattern[] {
  const seen = new Map<string, DomainPattern>();
  for (const { patterns } of scope.blocks) {
    for (const pattern of patterns) {
      const key = patternKey(pattern);
      if (!seen.has(key)) seen.set(key, pattern);
    }
  }
  return [...seen.values()];
}

function scopesFor(config: PmtaConfig, vmta: VirtualMta | undefined) {
  const scopes: { readonly scope: DomainScope; readonly from: Effective['from'] }[] = [
    { scope: config.domains, from: 'global' },
  ];
  if (vmta?.domainPool !== undefined) scopes.push({ scope: vmta.domainPool.domains, from: 'pool' });
  if (vmta !== undefined) scopes.push({ scope: vmta.domains, from: 'virtual-mta' });
  return scopes.filter(({ scope }) => scope.blocks.length > 0);
}

/** The entries that fit a domain, most general first: `*`, short suffix, long suffix, the name itself. */
function entriesFor(scope: DomainScope, domain: string): readonly PatternEntry[] {
  const { entries, literals } = indexOf(scope);
  const name = asciiName(domain);
  const fitting = keysFor(name).map((key) => entries.get(key));
  if (literals.length === 0) return fitting.filter((entry) => entry !== undefined);
  const address = parseAddress(/^\[(?:ipv6:)?([^\]]*)\]$/.exec(name)?.[1] ?? '');
  const byAddress = literals.filter(
    ({ pattern }) => address !== undefined && pattern.form === 'literal' && contains(pattern.cidr, address),
  );
  return [...fitting.filter((entry) => entry !== undefined), ...byAddress];
}

function keysFor(name: string): readonly string[] {
  if (name.startsWith('[')) return ['*'];
  const keys = ['*'];
  for (let dot = name.lastIndexOf('.'); dot >= 0; dot = dot === 0 ? -1 : name.lastIndexOf('.', dot - 1)) {
    const suffix = name.slice(dot + 1);
    // Of two patterns with one suffix, the one for subdomains alone is the more specific.
    keys.push(`[*.]${suffix}`, `*.${suffix}`);
  }
  keys.push(`[*.]${name}`, name);
  return keys;
}

function indexOf(scope: DomainScope): ScopeIndex {
  const known = indexes.get(scope);
  if (known !== undefined) return known;
  const entries = new Map<string, PatternEntry>();
  for (const block of weakestFirst(scope.blocks)) {
    for (const pattern of block.patterns) {
      const key = patternKey(pattern);
      const entry = entries.get(key);
      if (entry === undefined) entries.set(key, { pattern, blocks: [block] });
      else entry.blocks.push(block);
    }
  }
  const literals = [...entries.values()]
    .filter(({ pattern }) => pattern.form === 'literal')
    .sort((a, b) => literalPrefix(a.pattern) - literalPrefix(b.pattern));
  const index = { entries, literals };
  indexes.set(scope, index);
  return index;
}

function literalPrefix(pattern: DomainPattern): number {
  return pattern.form === 'literal' ? prefixLength(pattern.cidr) : 0;
}

/** For one pattern: config-defaults before the main file, macro blocks before explicit ones, else as written. */
function weakestFirst(blocks: readonly DomainBlock[]): readonly DomainBlock[] {
  const rank = ({ block, macros }: DomainBlock) =>
    (block.tag?.fromDefaults === true ? 0 : 2) + (macros.length > 0 ? 0 : 1);
  return [...blocks].sort((a, b) => rank(a) - rank(b));
}

/** The merged settings as they count; a scope is always asked for from the same level. */
function effectiveOf(entry: PatternEntry, from: Effective['from']): readonly Effective[] {
  if (entry.effective === undefined || entry.effective[0]?.from !== from) {
    entry.effective = [...mergedOf(entry).values()].flatMap((setting) =>
      setting.value === undefined ? [] : [{ setting, value: setting.value, from, pattern: entry.pattern }],
    );
  }
  return entry.effective;
}

function mergedOf(entry: PatternEntry): ReadonlyMap<string, Setting> {
  entry.merged ??= winnersByName(entry.blocks.map(({ block }) => block));
  return entry.merged;
}
