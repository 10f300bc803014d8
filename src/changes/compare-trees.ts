import type { EmittedFile } from '../emit/file';
import type { Finding } from '../kumo/runtime/finding';
import type { LoadOptions } from '../kumo/runtime/load-tree';
import type { MxLookup } from '../kumo/runtime/mx';
import { compareBounces } from './bounces';
import { AREAS, type Change, type Comparison } from './change';
import { compareCode, compareData, isAlike } from './code';
import { compareEgress } from './egress';
import { CLOCK, compareMail, compareRetry } from './mail';
import { collectNames, createNames, exchangedBy } from './names';
import { createLinesOf } from './origins';
import type { Pair } from './pair';
import { compareAutomation, comparePaths } from './paths';
import { compareQueues, compareTenants } from './queues';
import { compareAccess, compareListenerDomains, compareServer } from './server';
import { openSide, type Side, TooSlow } from './side';
import { createTally } from './tally';
import { compareUsers } from './users';

/** Two trees to be held against each other. Plain data, so that another thread may do it. */
export interface TreesToCompare {
  /** The tree that is there: paths relative to it → text. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: readonly Pick<EmittedFile, 'path' | 'content' | 'mode' | 'origins'>[];
  /** Files of the tree that is there whose contents are not to be shown. */
  readonly secret: ReadonlySet<string>;
  /** Files of it that an earlier conversion wrote and this one does not. */
  readonly gone: ReadonlySet<string>;
  readonly installDir: string;
  readonly target: string;
  /** Domains that the configuration names, and domains that it signs for. */
  readonly domains: readonly string[];
  readonly authors: readonly string[];
}

/** `broken`: the errors of the tree that is there, or of the converted one. */
export type TreesCompared =
  | { readonly kind: 'compared'; readonly comparison: Comparison }
  | { readonly kind: 'broken'; readonly which: 'before' | 'after'; readonly findings: readonly Finding[] };

type Options = Pick<LoadOptions, 'watch'> & { readonly mx: MxLookup };

/** Loads both trees in the model of KumoMTA and compares them by what they mean. */
export async function compareTrees(trees: TreesToCompare, { mx, watch }: Options): Promise<TreesCompared> {
  const madeUp = new Map<string, string>();
  const load: LoadOptions = {
    installDir: trees.installDir,
    target: trees.target,
    now: CLOCK,
    mx: (domain) => {
      const host = madeUp.get(domain);
      return host === undefined ? mx(domain) : { hosts: [host] };
    },
    ...(watch === undefined ? {} : { watch }),
  };
  const before = await openSide(trees.before, load);
  const after = await openSide(new Map(trees.after.map(({ path, content }) => [path, content])), load);
  try {
    for (const [which, side] of [
      ['before', before],
      ['after', after],
    ] as const) {
      const findings = side.findings.filter(({ severity, code }) => severity === 'error' && STOPS.test(code));
      if (findings.length > 0) return { kind: 'broken', which, findings };
    }
    return { kind: 'compared', comparison: compareSides(trees, before, after, madeUp) };
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    const limit = error.side.parts.context.findings.list.filter(({ code }) => code === 'tree-limit');
    return { kind: 'broken', which: error.side === before ? 'before' : 'after', findings: limit };
  } finally {
    before.tree.close();
    after.tree.close();
  }
}

/** With these a tree does not come up, and what it answers means little; others are about values, and are compared. */
const STOPS = /^tree-(?:lua-|limit$|file-syntax$|module-missing$|setup-twice$|handler-twice$)/;

function compareSides(trees: TreesToCompare, before: Side, after: Side, madeUp: Map<string, string>): Comparison {
  const names = createNames();
  for (const domain of trees.domains) names.domains.add(domain);
  for (const author of trees.authors) names.authors.add(author);
  collectNames(after, names);
  collectNames(before, names);
  for (const host of names.exchangers) madeUp.set(exchangedBy(host), host.replace(/^\./, 'mx.'));
  const tally = createTally(createLinesOf(trees.after));
  const pair: Pair = {
    before,
    after,
    names,
    tally,
    alike: isAlike(before.files, after.files),
    notes: new Set(),
  };
  noteUnknown(pair);
  const egress = compareEgress(pair);
  compareTenants(pair);
  const queues = compareQueues(pair);
  const paths = comparePaths(pair, egress.common);
  compareAutomation(pair);
  const messages = compareMail(pair);
  compareRetry(pair);
  compareServer(pair);
  compareListenerDomains(pair);
  compareAccess(pair);
  compareUsers(pair);
  compareBounces(pair);
  const secret = new Set([...trees.secret, ...trees.after.flatMap(({ path, mode }) => (mode === 0o600 ? [path] : []))]);
  compareData(pair, secret, trees.gone);
  compareCode(pair);
  return {
    changes: [...tally.changes(paths)].sort(byRisk),
    asked: { sources: egress.common.size, pools: egress.pools, queues, paths: paths.paths, messages },
    notes: [...pair.notes],
  };
}

function noteUnknown({ before, after, notes }: Pair): void {
  for (const [name, { findings }] of [
    ['tree that is there', before],
    ['converted tree', after],
  ] as const) {
    const unknown = findings.filter(({ code }) => code === 'tree-not-modelled' || code === 'tree-not-followed');
    for (const { message, path, line } of unknown.slice(0, 5)) {
      const place = path === undefined ? '' : ` (${path}${line === undefined ? '' : `:${line}`})`;
      notes.add(
        `The ${name} hangs on what only a server knows${place}: ${message}. What follows from it was not compared.`,
      );
    }
  }
}

/** Risks first, looser values before others, then by area; the order inside an area is the one of asking. */
function byRisk(a: Change, b: Change): number {
  const rank = ({ risk, verdict }: Change) => (risk === undefined ? 2 : verdict === 'looser' ? 0 : 1);
  return rank(a) - rank(b) || AREAS.indexOf(a.area) - AREAS.indexOf(b.area);
}
