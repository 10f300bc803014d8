import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { convertText } from '../support/converted';
import { codesOf, outcomesOf } from '../support/tree';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'a.test': ['in1.cloud.test', 'in2.cloud.test'],
  'b.test': ['in1.cloud.test', 'mx.elsewhere.test'],
  'c.test': ['mx1.filter.test', 'mx2.filter.test'],
  'd.test': ['mx2.filter.test'],
  'e.test': ['pool.test'],
};

async function limitsOf(text: string, domains: readonly string[], target = DEFAULT_OPTIONS.target) {
  const converted = convertText(text, { target });
  const tree = await loadTree(converted.files, {
    installDir: DEFAULT_OPTIONS.installDir,
    target,
    mx: (domain) => (HOSTS[domain] === undefined ? undefined : { hosts: HOSTS[domain] }),
  });
  expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const limits = domains.map((domain) => tree.egressPath(domain, 'v')['additional_connection_limits']);
  tree.close();
  return { converted, limits };
}

const V = '<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n</virtual-mta>\n';

describe('mx-connection-limit (M5 3.3.1.38.1)', () => {
  it('is counted for each source over the hosts that fit', async () => {
    const text = `mx-connection-limit *.cloud.test 7\n${V}`;
    const { converted, limits } = await limitsOf(text, ['a.test', 'b.test', 'd.test']);
    const counter = { 'shaping-provider-pmta-mx-cloud.test-v-limit': 7 };
    // b.test has a host elsewhere: KumoMTA asks that all of them fit.
    expect(limits).toEqual([counter, undefined, undefined]);
    expect(outcomesOf(converted, 'mx-connection-limit')).toEqual(['approximate']);
  });

  it.each([DEFAULT_OPTIONS.target, '2024.11.08'])('hosts of one domain are counted together (%s)', async (target) => {
    const text = `mx-connection-limit mx1.filter.test 9\nmx-connection-limit mx2.filter.test 4\nmx-connection-limit [*.]pool.test 3\n${V}`;
    const { limits } = await limitsOf(text, ['c.test', 'd.test', 'e.test', 'a.test'], target);
    const filter = { 'shaping-provider-pmta-mx-filter.test-v-limit': 4 };
    expect(limits).toEqual([filter, filter, { 'shaping-provider-pmta-mx-pool.test-v-limit': 3 }, undefined]);
  });

  it('stands beside the limit of the queue', async () => {
    const text = `mx-connection-limit *.cloud.test 7\n<domain a.test>\n  max-smtp-out 30\n</domain>\n${V}`;
    const { converted } = await limitsOf(text, ['a.test']);
    expect(converted.files.get('shaping.toml')).toContain('connection_limit = 30');
  });

  it('for every host of the world, or 0, is left to a person', async () => {
    const { converted, limits } = await limitsOf(`mx-connection-limit * 7\nmx-connection-limit *.cloud.test 0\n${V}`, [
      'a.test',
    ]);
    expect(limits).toEqual([undefined]);
    expect(outcomesOf(converted, 'mx-connection-limit')).toEqual(['manual', 'manual']);
    expect(codesOf(converted)).toContain('limit-zero');
  });
});
