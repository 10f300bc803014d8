import { excerpt, type ResolveContext } from './draft';
import { groupBy } from './group-by';
import type { ScopeBlock, Setting } from './model';
import { isRead, type ReadSetting } from './precedence';
import { networkIn } from './sources';
import { argumentKey } from './tags';

/**
 * Reports scalars given twice in one block with different values (the last wins) and blocks given twice (they are
 * merged): no document says what PowerMTA does, so both are decided here and said. What the main file repeats of
 * config-defaults is its purpose, and not reported.
 */
export function reportRepeats(context: ResolveContext, top: ScopeBlock): void {
  const blocks = allBlocks(top);
  for (const block of blocks) reportRepeatedLines(context, block);
  for (const group of groupBy(blocks.filter(isMergeable), identityOf).values()) reportRepeatedBlocks(context, group);
}

/** A block and every sound block inside, nested ones too, in reading order. */
function allBlocks(top: ScopeBlock): readonly ScopeBlock[] {
  const found: ScopeBlock[] = [];
  const todo = [top];
  for (let block = todo.pop(); block !== undefined; block = todo.pop()) {
    found.push(block);
    const nested = block.settings.map((setting) => setting.nested).filter((inner) => inner !== undefined);
    // One by one: a call takes fewer arguments than a file may have blocks.
    for (const inner of [...block.blocks, ...nested].reverse()) todo.push(inner);
  }
  return found;
}

function reportRepeatedLines({ diagnostics }: ResolveContext, block: ScopeBlock): void {
  const scalars = block.settings.filter(isRead).filter(({ row }) => row?.repeats === 'last');
  for (const lines of groupBy(scalars, lineKey).values()) {
    const [first] = lines;
    if (first === undefined) continue;
    for (const [index, line] of lines.entries()) {
      const before = lines[index - 1];
      if (before === undefined || sameValue(before, line)) continue;
      const related = [{ span: first.span, message: 'first set here' }];
      diagnostics.report('directive-repeated', line.span, { name: line.name }, related);
    }
  }
}

function lineKey({ name, fromDefaults }: Setting): string {
  return `${fromDefaults === true ? 'defaults' : 'main'} ${name}`;
}

function sameValue(a: ReadSetting, b: ReadSetting): boolean {
  return a.raw === b.raw || JSON.stringify(a.value) === JSON.stringify(b.value);
}

function isMergeable(block: ScopeBlock): boolean {
  // Lists without a name inside a processor or behind a pattern are not told apart, so none repeats another.
  return block.parent !== undefined && (block.argument !== '' || block.parent.parent === undefined);
}

const identities = new WeakMap<ScopeBlock, string>();

/** The same text for blocks that are merged: place, tag and argument. */
function identityOf(block: ScopeBlock): string {
  const known = identities.get(block);
  if (known !== undefined) return known;
  const around = block.parent === undefined ? '' : identityOf(block.parent);
  const argument = block.kind === 'source' ? networkIn(block.argument) : undefined;
  const root = block.tag?.fromDefaults === true ? 'defaults' : 'main';
  const identity = JSON.stringify([around, root, block.kind, argument ?? argumentKey(block.kind, block.argument)]);
  identities.set(block, identity);
  return identity;
}

function reportRepeatedBlocks({ diagnostics }: ResolveContext, blocks: readonly ScopeBlock[]): void {
  const [first, ...others] = blocks;
  if (first?.tag === undefined) return;
  const related = [{ span: first.tag.span, message: 'first block of this name' }];
  for (const { kind, argument, tag } of others) {
    const block = argument === '' ? `<${kind}>` : `<${kind} ${excerpt(argument)}>`;
    diagnostics.report('block-repeated', tag?.span, { block }, related);
  }
}
