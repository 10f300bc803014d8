import type { DirectiveRow } from '../directives/row';

/** Directives of one purpose that this version leaves to a person, as `scope name`. */
export interface NotConverted {
  readonly what: string;
  readonly directives: readonly string[];
}

/**
 * What the directive table plans to convert and this version does not: every value of these ends `manual`, except one
 * that asks for nothing. The README's limits and SUPPORT.md come from here, and
 * while the list is empty neither speaks of it; test/readme.test.ts tries each directive
 * and says which line to add or to take out. After that, `npm run support`.
 */
export const NOT_CONVERTED: readonly NotConverted[] = [];

const KEYS: ReadonlySet<string> = new Set(NOT_CONVERTED.flatMap(({ directives }) => directives));

/** Whether a row is among them. */
export function isNotConverted({ scope, name }: Pick<DirectiveRow, 'scope' | 'name'>): boolean {
  return KEYS.has(`${scope} ${name}`);
}
