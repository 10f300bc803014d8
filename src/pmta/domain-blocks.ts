import { patternKey, readDomainPattern } from './domain-pattern';
import { type BlockDraft, excerpt, markBlockInvalid, type ResolveContext, valueOrAll } from './draft';
import { type MacroTable, macrosIn, PATTERN_LIMIT } from './macros';
import type { DomainBlock, DomainPattern, DomainScope, PmtaConfig, ScopeBlock } from './model';
import { hintFor } from './nearest';

/** Expanded `<domain>` blocks by the block as written. */
export type DomainBlocks = ReadonlyMap<ScopeBlock, DomainBlock>;

/**
 * Expands every `<domain>` of the top level, the virtual-mtas and the pools. A block whose argument cannot be read or
 * expanded is reported, settled as invalid with all it holds, and taken out of the tree.
 */
export function readDomainBlocks(context: ResolveContext, top: BlockDraft, macros: MacroTable): DomainBlocks {
  const domains = new Map<ScopeBlock, DomainBlock>();
  const holders = [top, ...top.blocks.filter(({ kind }) => kind === 'virtual-mta' || kind === 'virtual-mta-pool')];
  for (const holder of holders) {
    holder.blocks = holder.blocks.filter((block) => {
      if (block.kind !== 'domain') return true;
      const patterns = readPatterns(context, block, macros);
      if (patterns === undefined) return false;
      domains.set(block, { block, patterns, macros: macrosIn(block.argument) });
      return true;
    });
  }
  return domains;
}

/** The `<domain>` blocks that stand directly in these blocks, as one scope. */
export function domainScopeOf(blocks: readonly ScopeBlock[], domains: DomainBlocks): DomainScope {
  const inside = blocks.flatMap((block) => block.blocks).map((block) => domains.get(block));
  return { blocks: inside.filter((domain) => domain !== undefined) };
}

/** Names of recipient domains that the configuration has blocks for, each once, in the order of the file. */
export function namedDomains({ domains, virtualMtas, pools }: PmtaConfig): readonly string[] {
  const scopes = [domains, ...[...virtualMtas.values(), ...pools.values()].map((each) => each.domains)];
  const patterns = scopes.flatMap(({ blocks }) => blocks.flatMap((block) => block.patterns));
  // Reserved names such as {sparkpost} are in no DNS.
  const names = patterns.flatMap((pattern) => (pattern.form === 'name' ? [pattern.name] : []));
  return [...new Set(names)].filter((name) => /^[a-z0-9_.-]+$/.test(name));
}

function readPatterns(
  context: ResolveContext,
  block: BlockDraft,
  macros: MacroTable,
): readonly DomainPattern[] | undefined {
  const expansion = macros.expand(block.argument.trim());
  if ('fault' in expansion) {
    markBlockInvalid(context, block, expandFault(context, block, macros, expansion));
    return undefined;
  }
  const patterns = new Map<string, DomainPattern>();
  for (const text of expansion.values) {
    const read = readDomainPattern(text);
    if ('reason' in read) return malformed(context, block, text, read.reason);
    patterns.set(patternKey(read.pattern), read.pattern);
  }
  return [...patterns.values()];
}

function malformed(context: ResolveContext, block: BlockDraft, text: string, reason: string): undefined {
  const pattern = text === '' ? 'an empty name' : excerpt(text);
  const span = block.tag === undefined ? undefined : valueOrAll(block.tag);
  context.diagnostics.report('domain-pattern-invalid', span, { pattern, reason });
  markBlockInvalid(context, block, `${pattern} ${reason}.`);
  return undefined;
}

/** Reports why an argument cannot be expanded; returns the note for the ledger. */
function expandFault(
  { diagnostics }: ResolveContext,
  block: BlockDraft,
  macros: MacroTable,
  fault: Extract<ReturnType<MacroTable['expand']>, { readonly fault: string }>,
): string {
  const span = block.tag === undefined ? undefined : valueOrAll(block.tag);
  if (fault.fault === 'undefined') {
    const hint = hintFor(fault.name, macros.macros.keys(), '$');
    diagnostics.report('macro-undefined', span, { name: `$${excerpt(fault.name)}`, hint });
    return `The macro $${excerpt(fault.name)} is not defined.`;
  }
  if (fault.fault === 'too-large') {
    const what = `<domain ${excerpt(block.argument)}>`;
    diagnostics.report('macro-too-large', span, { what, limit: String(PATTERN_LIMIT) });
    return 'It stands for too many domains.';
  }
  return 'It names a macro that is not valid.';
}
