import { parseNetwork, strictText } from '../directives/cidr';
import { type BlockDraft, excerpt, markBlockInvalid, type ResolveContext, valueOrAll } from './draft';
import { groupBy } from './group-by';
import type { SourceAcl } from './model';

/**
 * Merges `<source>` blocks by argument: by network where it is one, else by name (M5 3.3.7). An argument that looks
 * like an address and is none is reported, and its block is settled as invalid and taken out of the tree.
 */
export function readSources(context: ResolveContext, top: BlockDraft): readonly SourceAcl[] {
  top.blocks = top.blocks.filter((block) => block.kind !== 'source' || isSound(context, block));
  const blocks = top.blocks.filter(({ kind }) => kind === 'source');
  const groups = groupBy(blocks, ({ argument }) => networkIn(argument) ?? argument.toLowerCase());
  return [...groups.values()].map((group) => {
    const name = group[0]?.argument ?? '';
    const cidr = networkIn(name);
    return cidr === undefined ? { name, blocks: group } : { cidr, name, blocks: group };
  });
}

/** The argument of a `<source>` as a strict CIDR with a suffix; undefined when it is a name. */
export function networkIn(argument: string): string | undefined {
  const read = parseNetwork(argument);
  return read === undefined ? undefined : strictText(read);
}

function isSound(context: ResolveContext, block: BlockDraft): boolean {
  const { argument, tag } = block;
  const span = tag === undefined ? undefined : valueOrAll(tag);
  const read = parseNetwork(argument);
  if (read?.hostBitsCleared === true) {
    context.diagnostics.report('cidr-host-bits', span, { written: excerpt(argument), network: strictText(read) });
  }
  if (read !== undefined || !/^(?:[\d./]+|[\da-f:.]*:[\da-f:.]*(?:\/\d*)?)$/i.test(argument)) return true;
  const reason = 'is neither an address, a network such as 10.0.0.0/8, nor a name';
  context.diagnostics.report('value-invalid', span, { what: `<source>: ${excerpt(argument)}`, reason });
  markBlockInvalid(context, block, `${excerpt(argument)} ${reason}.`);
  return false;
}
