import type { DirectiveRow } from './row';
import { ROWS_A_TO_H } from './rows-a-h';
import { ROWS_I_TO_Z } from './rows-i-z';

/**
 * Every directive and tag of PowerMTA: one row a (name, scope), sorted by name and scope. Tags are named `<domain>`;
 * the lines of bounce-category-patterns, which begin with a pattern, have the name ''. When the same name means
 * something else in another scope, only the row of that scope counts.
 */
export const DIRECTIVES: readonly DirectiveRow[] = [...ROWS_A_TO_H, ...ROWS_I_TO_Z];
