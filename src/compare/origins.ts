import { placeOf } from '../diagnostics/span';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { Place } from '../kumo/runtime/finding';
import type { Comparison, KumoPath, PmtaPath, Read } from './sides';

/** Where both values of a comparison stand: `config:12`, `shaping.toml:14`, or `default`; empty where it cannot be told. */
export interface Origins {
  readonly pmtaOrigin: string;
  readonly kumoOrigin: string;
}

export function originsOf(
  tree: LoadedTree,
  { pmta, kumo }: { readonly pmta: PmtaPath; readonly kumo: KumoPath },
  comparison: Comparison,
): Origins {
  return { pmtaOrigin: originOf(pmta, comparison), kumoOrigin: kumoOriginOf(tree, kumo, comparison.read ?? []) };
}

/** Where the value of a directive stands, or `default`. */
export function originOf(
  { settings }: Pick<PmtaPath, 'settings'>,
  { directive, lines = [] }: Pick<Comparison, 'directive' | 'lines'>,
): string {
  if (lines.length > 0) return [...new Set(lines.map(({ span }) => placeOf(span)))].join(', ');
  const found = settings.get(directive.replace(/ .*/, ''));
  return found === undefined ? 'default' : placeOf(found.setting.span);
}

/** The first of what was read that has a place. */
function kumoOriginOf(tree: LoadedTree, kumo: KumoPath, reads: readonly Read[]): string {
  for (const read of reads) {
    const place = read.from === 'place' ? read.place : placeIn(tree, kumo, read);
    if (place?.line !== undefined) return `${place.path}:${place.line}`;
  }
  return reads.length === 0 ? '' : 'default';
}

function placeIn(tree: LoadedTree, kumo: KumoPath, read: Exclude<Read, { from: 'place' }>): Place | undefined {
  const { direct } = tree;
  const { domain, tenant, message, sources, site, routingDomain, pool } = kumo;
  switch (read.from) {
    case 'queue':
      return direct.queuePlace(read.field, domain, tenant, message?.campaign);
    case 'source':
      return sources[0] === undefined ? direct.poolPlace(pool) : direct.sourcePlace(sources[0], read.field);
    case 'pool':
      return direct.poolPlace(pool) ?? direct.queuePlace('egress_pool', domain, tenant, message?.campaign);
    case 'handler':
      return direct.handlerPlace(read.event);
    case 'path':
      return sources[0] === undefined
        ? undefined
        : pathPlace(tree, kumo, sources[0], routingDomain ?? domain, site, read);
  }
}

/** A value that shaping data do not have is the handler's own. */
function pathPlace(
  { direct }: LoadedTree,
  { paths }: KumoPath,
  source: string,
  target: string,
  site: string,
  { field, key }: Extract<Read, { from: 'path' }>,
): Place | undefined {
  const value = paths.get(source)?.[field];
  if (value === undefined) return undefined;
  const shaped = direct.shapedPath(target, source, site)[field];
  const found = direct.pathPlace(target, source, site, field, key);
  const isShaped = key === undefined ? JSON.stringify(shaped) === JSON.stringify(value) : found !== undefined;
  return isShaped ? found : (direct.handlerPlace('get_egress_path_config') ?? found);
}
