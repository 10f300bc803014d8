import type { Scope as ScopeName } from '../directives/row';

export interface TagRow {
  readonly argument: 'needed' | 'optional' | 'none';
  /** The argument is a path or a user name: two that differ in case are two. Other names compare case-blind. */
  readonly caseMatters?: true;
}

/** What may follow a tag's name (M5 3.3; tags without a name of their own in M5 3.3.3-3.3.6, 10.1.4, 10.8, 10.17). */
const TAGS: Readonly<Record<ScopeName, TagRow>> = {
  'acct-file': { argument: 'needed', caseMatters: true },
  'address-list': { argument: 'optional' },
  aliases: { argument: 'none' },
  'bounce-category-patterns': { argument: 'none' },
  'bounce-processor': { argument: 'none' },
  dns: { argument: 'none' },
  domain: { argument: 'needed' },
  'domain-key-list': { argument: 'needed' },
  'email-patterns': { argument: 'none' },
  'feedback-loop-processor': { argument: 'none' },
  global: { argument: 'none' },
  'gm-imprinter': { argument: 'none' },
  'mx-rollup-list': { argument: 'none' },
  'pattern-list': { argument: 'optional' },
  proxy: { argument: 'needed' },
  'rewrite-list': { argument: 'needed' },
  signals: { argument: 'none' },
  'signals-filter': { argument: 'needed' },
  'smtp-listener': { argument: 'needed' },
  'smtp-pattern-list': { argument: 'needed' },
  'smtp-user': { argument: 'needed', caseMatters: true },
  source: { argument: 'needed' },
  'source-group': { argument: 'needed' },
  'sparkpost-analytics': { argument: 'none' },
  spool: { argument: 'needed', caseMatters: true },
  'suppression-list': { argument: 'needed' },
  'transmissions-api': { argument: 'none' },
  'transmissions-api-listener': { argument: 'needed' },
  'virtual-mta': { argument: 'needed' },
  'virtual-mta-pool': { argument: 'needed' },
};

/** A tag's name (lower case) as the scope it opens; undefined when no tag has this name. */
export function scopeNameOf(tag: string): ScopeName | undefined {
  return tag === 'global' || !isScopeName(tag) ? undefined : tag;
}

function isScopeName(name: string): name is ScopeName {
  return Object.hasOwn(TAGS, name);
}

/** Whether a tag takes an argument where it stands: a named list has a name at the top level only. */
export function argumentRule(tag: ScopeName, parent: ScopeName): TagRow['argument'] {
  const { argument } = TAGS[tag];
  return argument === 'optional' && parent === 'global' ? 'needed' : argument;
}

/** The text by which blocks of one tag are told apart: most names are case-blind. */
export function argumentKey(tag: ScopeName, argument: string): string {
  return TAGS[tag].caseMatters === true ? argument : argument.toLowerCase();
}
