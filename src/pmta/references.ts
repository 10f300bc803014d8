import type { Scope as ScopeName } from '../directives/row';
import type { Value } from '../directives/value';
import { excerpt, type ResolveContext, valueOrAll } from './draft';
import type { PmtaConfig, Setting } from './model';
import { hintFor, nearestName } from './nearest';

/** What a name may refer to. */
export type Target = 'virtual-mta' | 'virtual-mta-pool' | 'source' | ScopeName;

interface ReferenceRow {
  readonly name: string;
  readonly scopes: readonly ScopeName[];
  readonly to: readonly Target[];
  /** Words that stand in place of a name. */
  readonly words?: readonly string[];
}

const SENDER: readonly Target[] = ['virtual-mta', 'virtual-mta-pool'];

/** Directives whose value names a block (M5 3.3, 8.3, 8.4; reroute targets may be pools in later 5.0). */
const REFERENCES: readonly ReferenceRow[] = [
  { name: 'backoff-reroute-to-virtual-mta', scopes: ['domain'], to: SENDER },
  { name: 'cold-virtual-mta', scopes: ['virtual-mta', 'virtual-mta-pool'], to: ['virtual-mta'] },
  { name: 'default-virtual-mta', scopes: ['source'], to: SENDER, words: ['by-smtp-source-ip'] },
  { name: 'invalid-virtual-mta-fallback', scopes: ['global'], to: ['virtual-mta'] },
  { name: 'pattern-list', scopes: ['source'], to: ['pattern-list'] },
  { name: 'reroute-to-virtual-mta', scopes: ['domain'], to: SENDER },
  { name: 'rewrite-list', scopes: ['source', 'virtual-mta', 'virtual-mta-pool'], to: ['rewrite-list'] },
  { name: 'smtp-listener', scopes: ['global'], to: ['source'] },
  { name: 'smtp-pattern-list', scopes: ['domain'], to: ['smtp-pattern-list'] },
  { name: 'source', scopes: ['smtp-user', 'smtp-listener'], to: ['source'] },
  { name: 'source-group', scopes: ['source'], to: ['source-group'] },
  { name: 'suppression-lists', scopes: ['source'], to: ['address-list', 'suppression-list'] },
  { name: 'use-proxy', scopes: ['global', 'virtual-mta'], to: ['proxy'] },
];

/** A name that a line gives, and what may have it. */
export interface Reference {
  readonly name: string;
  readonly to: readonly Target[];
}

/** Warns of every name that no block defines: PowerMTA would refuse it, or never apply what it asks for. */
export function reportReferences(context: ResolveContext, config: PmtaConfig): void {
  const names = definedNames(config);
  for (const setting of config.settings) {
    for (const { name, to } of referencesOf(setting)) {
      if (to.some((target) => names(target).has(name.toLowerCase()))) continue;
      context.diagnostics.report('reference-undefined', valueOrAll(setting), {
        what: to[0] ?? '',
        name: excerpt(name),
        hint: hintFor(
          name,
          to.flatMap((target) => [...names(target)]),
        ),
      });
    }
  }
  reportMembers(context, config);
}

function reportMembers({ diagnostics }: ResolveContext, config: PmtaConfig): void {
  for (const pool of config.pools.values()) {
    for (const { name, setting } of pool.members) {
      if (config.virtualMtas.has(name.toLowerCase())) continue;
      const meant = config.virtualMtas.get(nearestName(name, config.virtualMtas.keys()) ?? '')?.blocks[0]?.tag;
      const holes = {
        name: excerpt(name),
        pool: excerpt(pool.name),
        hint: hintFor(name, config.virtualMtas.keys()),
      };
      const related = meant === undefined ? [] : [{ span: meant.span, message: 'the virtual-mta that may be meant' }];
      diagnostics.report('member-undefined', setting.span, holes, related);
    }
  }
}

/** The names of blocks that a line gives, but for pool members, which have a list of their own. */
export function referencesOf(setting: Setting): readonly Reference[] {
  const { value } = setting;
  if (value === undefined) return [];
  if (value.kind === 'pattern') return patternReferences(value);
  const row = REFERENCES.find(({ name, scopes }) => name === setting.name && scopes.includes(setting.scope.kind));
  if (row === undefined) return [];
  const named = namesIn(value).filter((name) => name !== '' && row.words?.includes(name.toLowerCase()) !== true);
  return named.map((name) => ({ name, to: row.to }));
}

function patternReferences({ result }: Extract<Value, { readonly kind: 'pattern' }>): readonly Reference[] {
  const { virtualMta, callTo } = result;
  const references: Reference[] = [];
  if (virtualMta !== undefined) references.push({ name: virtualMta, to: SENDER });
  if (callTo !== undefined) references.push({ name: callTo, to: ['pattern-list'] });
  return references;
}

function namesIn(value: Value): readonly string[] {
  if (value.kind === 'text') return [value.value];
  if (value.kind === 'list') return value.values;
  return value.kind === 'listener' && value.source !== undefined ? [value.source] : [];
}

/** Lower-cased names by what they name; each set is made once. */
function definedNames(config: PmtaConfig): (target: Target) => ReadonlySet<string> {
  const made = new Map<Target, ReadonlySet<string>>();
  const named = config.sources.filter(({ cidr }) => cidr === undefined);
  made.set('virtual-mta', new Set(config.virtualMtas.keys()));
  made.set('virtual-mta-pool', new Set(config.pools.keys()));
  made.set('source', new Set(named.map(({ name }) => name.toLowerCase())));
  return (target) => {
    const known = made.get(target) ?? new Set(config.named.get(target)?.keys());
    made.set(target, known);
    return known;
  };
}
