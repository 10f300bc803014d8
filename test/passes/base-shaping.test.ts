import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASE_BLOCKS } from '../../src/kumo/base-shaping';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { convertPath, convertText, FIXTURES, loadConverted } from '../support/converted';
import { askTree, codesOf, outcomesOf } from '../support/tree';

const CONFIG = `
<source 127.0.0.1>
  always-allow-relaying yes
</source>
<domain *>
  max-smtp-out 33
</domain>
<domain comcast.net>
  max-msg-per-connection 7
</domain>
<virtual-mta v1>
  smtp-source-host 192.0.2.1 v1.example.com
  <domain *>
    max-smtp-out 44
  </domain>
</virtual-mta>
`;

/** Hosts of providers that KumoMTA's file names, and of two domains that it has blocks for. */
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'comcast.net': ['mx1.mxge.comcast.net'],
  'gmail.com': ['gmail-smtp-in.l.google.com'],
  'hotmail.com': ['hotmail-com.olc.protection.outlook.com'],
  'icloud.com': ['mx01.mail.icloud.com'],
  'mail.com': ['mx00.mail.com'],
  'plain.example': ['mx.plain.example'],
  'yahoo.com': ['mta5.am0.yahoodns.net'],
};

/** Asks the tree with KumoMTA's stock file below it and without it. */
async function both<T>(ask: (tree: LoadedTree) => T, input = CONFIG): Promise<{ stock: T; none: T }> {
  const answer = async (baseShaping: 'none' | 'stock'): Promise<T> => {
    const answers: T[] = [];
    const mx = (domain: string) => (HOSTS[domain] === undefined ? undefined : { hosts: HOSTS[domain] });
    await askTree(input, (tree) => void answers.push(ask(tree)), { baseShaping }, mx);
    const [first] = answers;
    if (first === undefined) throw new Error('the tree was not asked');
    return first;
  };
  return { stock: await answer('stock'), none: await answer('none') };
}

describe('--base-shaping stock', () => {
  it("keeps PowerMTA's limits at the providers and domains that KumoMTA's file has its own for", async () => {
    const fields = ['connection_limit', 'max_deliveries_per_connection', 'enable_tls', 'idle_timeout'];
    const { stock, none } = await both((tree) =>
      Object.keys(HOSTS).flatMap((domain) =>
        ['{default}', 'v1'].map((source) => {
          const path = tree.egressPath(domain, source);
          return [domain, source, ...fields.map((name) => path[name])];
        }),
      ),
    );
    expect(stock).toEqual(none);
    expect(stock).toContainEqual(['gmail.com', '{default}', 33, 1_000_000, 'OpportunisticInsecure', '60s']);
    expect(stock).toContainEqual(['comcast.net', 'v1', 44, 7, 'OpportunisticInsecure', '60s']);
  });

  it("lifts the ceilings that PowerMTA's file does not have", async () => {
    const { stock } = await both((tree) => tree.egressPath('gmail.com', 'v1'));
    expect(stock).toMatchObject({
      max_message_rate: '1000000/s',
      max_connection_rate: '1000000/s',
      additional_connection_limits: { 'shaping-provider-google-v1-limit': 100_000 },
    });
  });

  it('loads the stock file first, in the server and in the daemon', () => {
    const { files } = convertText(CONFIG, { baseShaping: 'community' });
    expect(files.get('init.lua')).not.toContain('no_default_files');
    const shared = ["'/opt/kumomta/share/community/shaping.toml'", "'/opt/kumomta/etc/policy/shaping.toml'"].join(', ');
    expect(files.get('init.lua')).toContain(`extra_files = { ${shared} }`);
    expect(files.get('tsa_init.lua')?.replace(/\s+/g, ' ')).toContain(
      `'/opt/kumomta/share/policy-extras/shaping.toml', ${shared}`,
    );
  });

  it('keeps a provider of the file apart from a shipped one of the same name', () => {
    const rollup =
      '<mx-rollup-list>\n  mx *.cloud.example yahoo.rollup\n</mx-rollup-list>\n<domain yahoo.rollup>\n  max-smtp-out 5\n</domain>\n';
    const shaping = convertText(`${CONFIG}${rollup}`, { baseShaping: 'stock' }).files.get('shaping.toml');
    expect(shaping).toContain('[provider."pmta-yahoo"]');
  });

  it('says so, and the blocks are sorted', () => {
    expect(codesOf(convertText(CONFIG, { baseShaping: 'stock' }))).toContain('base-shaping');
    expect(codesOf(convertText(CONFIG))).not.toContain('base-shaping');
    const keys = BASE_BLOCKS.map(({ file, kind, name }) => `${file} ${kind} ${name}`);
    expect(keys).toEqual([...new Set(keys)].sort());
  });
});

describe("every fixture over KumoMTA's own files", () => {
  it.each(readdirSync(FIXTURES).filter((name) => !name.includes('.')))('%s', async (name) => {
    const options = { baseShaping: 'community', allowOpenRelay: true } as const;
    const tree = await loadConverted(convertPath(join(FIXTURES, name, 'input'), options), options);
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    tree.close();
  });
});

describe('--redis', () => {
  const input = `${CONFIG}total-max-smtp-out 800\n`;

  it('counts for all nodes, but what one server may do for each', async () => {
    const options = { redis: ['redis://10.0.0.1', 'redis://10.0.0.2'] };
    await askTree(
      input,
      (tree, converted) => {
        expect(converted.files.get('init.lua')).toContain(
          "kumo.configure_redis_throttles { node = { 'redis://10.0.0.1', 'redis://10.0.0.2' } }",
        );
        expect(tree.egressPath('plain.example', 'v1')['additional_connection_limits']).toMatchObject({
          'pmta:total-out': 'local:800',
        });
        expect(outcomesOf(converted, 'total-max-smtp-out')).toEqual(['exact']);
      },
      options,
    );
  });

  it('says what an older release cannot do', () => {
    const converted = convertText(input, { redis: ['redis://10.0.0.1'], target: '2024.11.08' });
    expect(converted.files.get('shaping.toml')).toContain('"pmta:total-out" = 800');
    expect(outcomesOf(converted, 'total-max-smtp-out')).toEqual(['approximate']);
    expect(converted.files.get('init.lua')).toContain("{ node = 'redis://10.0.0.1' }");
  });
});
