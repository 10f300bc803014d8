import type { PolicyValue } from '../api/value';
import type { Place } from './finding';

/** Where a call of the host comes from. */
export interface HostCall {
  /** The innermost line of the tree's own code. */
  readonly place: Place | undefined;
  /** Event that runs, `top` while the file itself runs, `idle` otherwise. */
  readonly context: string;
}

/** A function the Lua half may call. What it returns is handed to Lua as it is; undefined becomes nil. */
export type HostFunction = (args: readonly (PolicyValue | undefined)[], call: HostCall) => unknown;
export type HostFunctions = Readonly<Record<string, HostFunction>>;

/** Becomes a Lua error in the policy; `known` when a finding was made of it already. */
export class PolicyError extends Error {
  constructor(
    message: string,
    readonly known: boolean,
  ) {
    super(message);
  }
}

/** An argument that has to be a text. */
export function textArgument(value: PolicyValue | undefined, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new PolicyError(`${what} has to be a string`, false);
}

/** An argument that may be left out. */
export function optionalText(value: PolicyValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `init.lua:12` as a place. */
export function parsePlace(text: string | undefined): Place | undefined {
  const match = text === undefined ? null : /^(.+):(-?\d+)$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const line = Number(match[2]);
  return line > 0 ? { path: match[1], line } : { path: match[1] };
}
