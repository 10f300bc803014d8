import { contains, prefixLength } from '../directives/cidr';
import type { PmtaConfig, ScopeBlock, SourceAcl } from './model';
import { type ReadSetting, winnersByName } from './precedence';

/** PowerMTA's base for every client, whatever its address family (M5 3.3.7; the stock sample: "matches all"). */
export const EVERYBODY = '0.0.0.0/0';

/**
 * The `<source>` settings for a client address, or for all of a network: every block whose network holds it, merged
 * from the shortest prefix to the longest (M5 3.3.7). Empty when none does.
 */
export function sourceForAddress(config: PmtaConfig, client: string): ReadonlyMap<string, ReadSetting> {
  const fitting = config.sources
    .filter(({ cidr }) => cidr !== undefined && (cidr === EVERYBODY || contains(cidr, client)))
    .sort((a, b) => prefixLength(a.cidr ?? '') - prefixLength(b.cidr ?? ''));
  return winnersByName(fitting.flatMap(weakestFirst));
}

/** The settings of a source chosen by name (any case), without those of the address. Undefined: no such source. */
export function namedSource(config: PmtaConfig, name: string): ReadonlyMap<string, ReadSetting> | undefined {
  const wanted = name.toLowerCase();
  const source = config.sources.find((acl) => acl.cidr === undefined && acl.name.toLowerCase() === wanted);
  return source === undefined ? undefined : winnersByName(weakestFirst(source));
}

function weakestFirst({ blocks }: SourceAcl): readonly ScopeBlock[] {
  return [...blocks].sort((a, b) => defaultsRank(a) - defaultsRank(b));
}

function defaultsRank(block: ScopeBlock): number {
  return block.tag?.fromDefaults === true ? 0 : 1;
}
