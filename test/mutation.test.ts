import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTracer, type Tracer } from '../src/compare/trace';
import { isFailure, type Verification, verifyAll } from '../src/compare/verify';
import { mxHostsOf } from '../src/kumo/mx-groups';
import { createDomainRoles, sameCode } from '../src/kumo/runtime/domain-roles';
import { loadTree } from '../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../src/passes/pass';
import { type Converted, convertPath, FIXTURES } from './support/converted';
import { type Mutant, mutantsOf } from './support/mutants';

const NOW = 1_790_000_000;
const CASES = [
  'stock',
  'scopes',
  'throttling',
  'virtual-mta',
  'mx-rollup',
  'routing',
  'backoff',
  'macros',
  'pattern-lists',
  'cold-virtual-mtas',
  'signing-choices',
];
const LEAST = 200;

/** What a changed tree shows: a difference from its original, or that it does not load. */
type Outcome = 'noticed' | 'does not load' | 'missed';

async function withTracer<T>(
  converted: Converted,
  files: ReadonlyMap<string, string>,
  ask: (tracer: Tracer, errors: number) => T | Promise<T>,
): Promise<T> {
  const tree = await loadTree(files, {
    installDir: DEFAULT_OPTIONS.installDir,
    now: NOW,
    mx: (domain) => (mxHostsOf(domain).length === 0 ? undefined : { hosts: mxHostsOf(domain) }),
  });
  const renames = converted.conversion.policy.renames.filter(({ what }) => what === 'tenant');
  const tenants = new Map(renames.map(({ from, to }) => [from.toLowerCase(), to]));
  const roles = sameCode(converted.files, files) ? { roles: createDomainRoles(files) } : {};
  const errors = tree.findings.filter(({ severity }) => severity === 'error').length;
  try {
    return await ask(createTracer(converted.conversion.config, tree, { tenants, now: NOW, ...roles }), errors);
  } finally {
    tree.close();
  }
}

function tellsApart(before: Verification, after: Verification): boolean {
  const told = ({ comparisons, differences }: Verification) =>
    JSON.stringify([comparisons, differences.map(({ examples, ...rest }) => [rest, examples.map(({ kumo }) => kumo)])]);
  return after.differences.some(isFailure) || told(before) !== told(after);
}

describe('a tree that was changed by hand', () => {
  const all: (readonly [Mutant, Outcome])[] = [];
  it.each(CASES)(
    '%s: every change of a compared value is noticed',
    async (name) => {
      const converted = convertPath(join(FIXTURES, name, 'input'));
      const { config, ledger } = converted.conversion;
      const entryOf: Parameters<typeof verifyAll>[2]['entryOf'] = (one) => ledger.entry(one);
      const outcomes = await withTracer(converted, converted.files, async (own) => {
        const before = verifyAll(config, own, { entryOf });
        const found: (readonly [Mutant, Outcome])[] = [];
        for (const mutant of mutantsOf(converted.files, name)) {
          const outcome = await withTracer(converted, mutant.files, (tracer, errors): Outcome => {
            if (errors > 0) return 'does not load';
            return tellsApart(before, verifyAll(config, tracer, { entryOf, own })) ? 'noticed' : 'missed';
          });
          found.push([mutant, outcome]);
        }
        return found;
      });
      all.push(...outcomes);
      const missed = outcomes.filter(([, outcome]) => outcome === 'missed').map(([{ what }]) => what);
      expect(missed).toEqual([]);
    },
    300_000,
  );

  it('was tried often enough', () => {
    expect(all.length).toBeGreaterThanOrEqual(LEAST);
  });
});
