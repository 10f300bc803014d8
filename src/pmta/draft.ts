import type { Diagnostics } from '../diagnostics/diagnostic';
import { maskSecrets } from '../diagnostics/secrets';
import type { Span } from '../diagnostics/span';
import type { Scope as ScopeName } from '../directives/row';
import type { Ledger, Outcome } from './ledger';
import type { ScopeBlock, Setting } from './model';

/** A setting while the configuration is being resolved; a fault may still be found when all is read. */
export type SettingDraft = { -readonly [K in keyof Setting]: Setting[K] };

export interface BlockDraft {
  readonly kind: ScopeName;
  readonly argument: string;
  readonly parent?: ScopeBlock;
  readonly tag?: SettingDraft;
  readonly settings: SettingDraft[];
  blocks: BlockDraft[];
}

/** What every step of resolving needs: where faults go. */
export interface ResolveContext {
  readonly ledger: Ledger;
  readonly diagnostics: Diagnostics;
}

const BY = 'resolve';

const OUTCOME: Readonly<Record<NonNullable<Setting['fault']>, Outcome>> = {
  unknown: 'unknown',
  misplaced: 'invalid',
  invalid: 'invalid',
};

/** Takes the value from a setting and settles it in the ledger. A fault that was found before stands. */
export function markFault(
  { ledger }: ResolveContext,
  setting: SettingDraft,
  fault: NonNullable<Setting['fault']>,
  note: string,
): void {
  if (setting.fault !== undefined) return;
  delete setting.value;
  setting.fault = fault;
  ledger.settle(setting, OUTCOME[fault], BY, note);
}

/** Marks a tag and everything in its block, at any depth, as invalid. The caller takes the block out of the tree. */
export function markBlockInvalid(context: ResolveContext, block: BlockDraft, note: string): void {
  const inside = `Stands in a <${block.kind}> that is not valid.`;
  if (block.tag !== undefined) markFault(context, block.tag, 'invalid', note);
  const blocks = [block];
  for (let next = blocks.pop(); next !== undefined; next = blocks.pop()) {
    if (next !== block && next.tag !== undefined) markFault(context, next.tag, 'invalid', inside);
    for (const setting of next.settings) markFault(context, setting, 'invalid', inside);
    blocks.push(...next.blocks);
  }
}

/** A text of the input for a message: without passwords in commands, and of a length that leaves the message readable. */
export function excerpt(text: string): string {
  const masked = maskSecrets(text);
  return masked.length > 60 ? `${masked.slice(0, 57)}...` : masked;
}

/** The span of a setting's value, or of the whole setting when it has none. */
export function valueOrAll(setting: Setting): Span {
  return setting.valueSpan.end > setting.valueSpan.start ? setting.valueSpan : setting.span;
}
