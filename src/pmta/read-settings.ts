import type { Span } from '../diagnostics/span';
import type { DirectiveRow } from '../directives/row';
import type { Block, Directive, Item, Tag } from '../syntax/ast';
import type { LoadedConfig } from '../syntax/load';
import { type BlockDraft, markFault, type ResolveContext, type SettingDraft } from './draft';
import { continuedMacro } from './macro-line';
import type { Setting } from './model';
import { readTag, readValueOf, rowAnywhere } from './read-value';
import { scopeNameOf } from './tags';

export interface ReadSettings {
  readonly settings: readonly SettingDraft[];
  readonly top: BlockDraft;
}

/** Why nothing in a block can count, for the ledger. */
interface BrokenBlock {
  readonly fault: NonNullable<Setting['fault']>;
  readonly note: string;
}

/** Items still to be read in one scope: a file's, or a block's. */
interface Frame {
  readonly items: readonly Item[];
  next: number;
  readonly block: BlockDraft;
  readonly broken: BrokenBlock | undefined;
  readonly fromDefaults: boolean;
}

interface Walk {
  readonly context: ResolveContext;
  readonly loaded: LoadedConfig;
  readonly settings: SettingDraft[];
  /** A stack of our own: blocks and includes may be nested deeper than calls can be. */
  readonly frames: Frame[];
}

/**
 * Makes a setting of every directive line and every opening tag, includes in place, and the tree of blocks they stand
 * in. Faults that a line shows by itself (unknown, misplaced, unreadable) are reported and settled here.
 */
export function readSettings(loaded: LoadedConfig, context: ResolveContext): ReadSettings {
  const top: BlockDraft = { kind: 'global', argument: '', settings: [], blocks: [] };
  const walk: Walk = { context, loaded, settings: [], frames: [] };
  for (const [index, { items }] of loaded.roots.entries()) {
    // The main file is the first root, config-defaults any other (syntax/load.ts).
    walk.frames.push({ items, next: 0, block: top, broken: undefined, fromDefaults: index > 0 });
    for (let frame = walk.frames.at(-1); frame !== undefined; frame = walk.frames.at(-1)) {
      const item = frame.items[frame.next++];
      if (item === undefined) walk.frames.pop();
      else if (item.kind === 'directive') readDirective(walk, frame, item);
      else if (item.kind === 'block') readBlock(walk, frame, item);
    }
  }
  return { settings: walk.settings, top };
}

function readDirective(walk: Walk, frame: Frame, directive: Directive): void {
  const continued = continuedMacro(directive, frame.items, frame.next);
  if (continued !== undefined) {
    frame.next = continued.next;
    walk.context.diagnostics.report('macro-list-next-line', continued.listSpan, {});
  }
  const line = continued?.directive ?? directive;
  const setting = addSetting(walk, frame, line.name.toLowerCase(), line.value, line.span, line.valueSpan);
  frame.block.settings.push(setting);
  if (frame.broken !== undefined) giveUp(walk, setting, frame.broken, rowAnywhere(setting.name, false));
  else readValueOf(walk.context, setting, line.nameSpan);
  if (line.block !== undefined) {
    const nested = openBlock(walk, frame, line.block, setting.fault === undefined ? undefined : brokenBy(setting));
    if (nested !== undefined) setting.nested = nested;
  }
  pushIncludes(walk, frame, directive);
}

function readBlock(walk: Walk, frame: Frame, block: Block): void {
  const opened = openBlock(walk, frame, block, undefined);
  if (opened !== undefined) frame.block.blocks.push(opened);
}

/** Reads an opening tag and lines up what stands inside. Undefined when the tag, or something around it, is at fault. */
function openBlock(walk: Walk, frame: Frame, block: Block, cause: BrokenBlock | undefined): BlockDraft | undefined {
  const { tag } = block;
  const name = tag.name.toLowerCase();
  const setting = addSetting(walk, frame, `<${name}>`, tag.argument, tag.span, tag.argumentSpan);
  const around = cause ?? frame.broken;
  if (around !== undefined) giveUp(walk, setting, around, rowAnywhere(name, true));
  else readTag(walk.context, setting, tag.nameSpan);
  const broken = around ?? (setting.fault === undefined ? undefined : brokenBy(setting));
  const opened = draftOf(tag, setting, frame.block);
  walk.frames.push({ items: block.items, next: 0, block: opened, broken, fromDefaults: frame.fromDefaults });
  return broken === undefined ? opened : undefined;
}

function draftOf(tag: Tag, setting: SettingDraft, parent: BlockDraft): BlockDraft {
  // A block with an unknown tag is in no block's list; its kind only has to be one of the known ones.
  const kind = scopeNameOf(tag.name.toLowerCase()) ?? parent.kind;
  return { kind, argument: tag.argument, parent, tag: setting, settings: [], blocks: [] };
}

function pushIncludes(walk: Walk, frame: Frame, directive: Directive): void {
  const files = walk.loaded.includes.get(directive) ?? [];
  const { block, broken, fromDefaults } = frame;
  for (const { items } of files.toReversed()) walk.frames.push({ items, next: 0, block, broken, fromDefaults });
}

function addSetting(walk: Walk, frame: Frame, name: string, raw: string, span: Span, valueSpan: Span): SettingDraft {
  const setting: SettingDraft = { id: walk.settings.length, name, scope: frame.block, raw, span, valueSpan };
  if (frame.fromDefaults) setting.fromDefaults = true;
  walk.settings.push(setting);
  return setting;
}

function giveUp(walk: Walk, setting: SettingDraft, broken: BrokenBlock, row: DirectiveRow | undefined): void {
  if (row !== undefined) setting.row = row;
  markFault(walk.context, setting, broken.fault, broken.note);
}

function brokenBy(setting: SettingDraft): BrokenBlock {
  if (setting.fault === 'invalid') return { fault: 'invalid', note: `Stands in a ${setting.name} that is not valid.` };
  return { fault: 'unknown', note: `Stands in a ${setting.name}, which is not known here.` };
}
