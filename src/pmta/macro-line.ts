import type { Span } from '../diagnostics/span';
import { scopesOf } from '../directives/lookup';
import type { Directive, Item } from '../syntax/ast';

export interface ContinuedMacro {
  /** The two lines as one directive. */
  readonly directive: Directive;
  readonly listSpan: Span;
  /** Index of the item behind the list. */
  readonly next: number;
}

/** Domains, or parts of domains, with at least one comma, dot or macro among them. */
const DOMAIN_LIST = /^(?=.*[.,$])[\w.$-]+(?:\s*,\s*[\w.$-]+)*,?$/;

/**
 * `domain-macro orange` with its list on the line after it: not documented, but written so in the field, and read so
 * here (language notes, "More than one physical line"). `next` is the index behind the macro's line in `items`.
 */
export function continuedMacro(macro: Directive, items: readonly Item[], next: number): ContinuedMacro | undefined {
  if (macro.name.toLowerCase() !== 'domain-macro' || !/^\w+$/.test(macro.value)) return undefined;
  let index = next;
  while (items[index]?.kind === 'blank' || items[index]?.kind === 'comment') index++;
  const list = items[index];
  if (list?.kind !== 'directive' || scopesOf(list.name.toLowerCase()).length > 0) return undefined;
  const text = `${list.name} ${list.value}`.trim();
  if (list.block !== undefined || !DOMAIN_LIST.test(text)) return undefined;
  const directive = {
    ...macro,
    value: `${macro.value} ${text}`,
    valueSpan: { ...macro.valueSpan, end: list.span.end },
    span: { ...macro.span, end: list.span.end },
  };
  return { directive, listSpan: list.span, next: index + 1 };
}
