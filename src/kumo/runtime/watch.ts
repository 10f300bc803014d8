/**
 * Told when Lua runs and when it does not. Lua cannot end what one call into its own library does (a pattern that
 * backtracks, `table.move` over 2^50 items); whoever watches from another thread can.
 */
export interface Watch {
  enter(): void;
  leave(): void;
}

/** For those who run nothing but what is known. */
export const unwatched: Watch = { enter: () => {}, leave: () => {} };
