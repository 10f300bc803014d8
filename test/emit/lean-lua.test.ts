import { describe, expect, test } from 'vitest';
import { emitFiles } from '../../src/emit/emit';
import { emptyPolicy } from '../../src/kumo/model';
import { withoutRepeatedNetworks } from '../../src/kumo/repeated-networks';
import { askTree } from '../support/tree';
import { contentOf, OPTIONS } from './lua-stub';

const VMTAS = `<virtual-mta one>
smtp-source-host 192.0.2.1 one.example
</virtual-mta>
<virtual-mta two>
smtp-source-host 192.0.2.2 two.example
<domain *>
bounce-after 1d
</domain>
</virtual-mta>
<virtual-mta-pool both>
virtual-mta one
virtual-mta two
</virtual-mta-pool>
`;

function source(...inside: readonly string[]): string {
  return ['<source 127.0.0.1>', 'always-allow-relaying yes', ...inside, '</source>', ''].join('\n');
}

const FROM = { peer: '127.0.0.1', sender: 'a@from.example', recipient: 'b@to.example', headers: [] };

describe('parts of pmta.lua that nothing can reach', () => {
  test('no members of a pool that nothing chooses', async () => {
    await askTree(VMTAS + source('default-virtual-mta one'), (tree, { files }) => {
      expect(files.get('pmta.lua')).not.toContain('MEMBERS');
      expect(tree.message(FROM).tenant).toBe('one');
    });
    await askTree(VMTAS + source('default-virtual-mta both'), (tree, { files }) => {
      expect(files.get('pmta.lua')).toContain('local MEMBERS');
      expect(['one', 'two']).toContain(tree.message(FROM).tenant);
    });
    await askTree(VMTAS + source('process-x-virtual-mta yes'), (tree) => {
      const headers = [['X-Virtual-MTA', 'both']] as const;
      expect(['one', 'two']).toContain(tree.message({ ...FROM, headers }).tenant);
    });
  });

  test('no table of local addresses and no pattern list without entries', async () => {
    const config = `<pattern-list none>
</pattern-list>
${source('process-x-virtual-mta yes', 'default-virtual-mta by-smtp-source-ip', 'pattern-list none')}`;
    await askTree(config, (tree, { files }) => {
      expect(files.get('pmta.lua')).not.toMatch(/BY_LOCAL_ADDRESS|LISTS|by-smtp-source-ip|pattern_list/);
      expect(tree.message(FROM).tenant).toBe('{default}');
    });
  });

  test('a list without entries beside one that has some', async () => {
    const config = `${VMTAS}<pattern-list none>
</pattern-list>
<pattern-list some>
rcpt-to /@to/ virtual-mta=two
</pattern-list>
${source('default-virtual-mta one', 'pattern-list none')}<source 10.0.0.1>
always-allow-relaying yes
pattern-list some
</source>
`;
    await askTree(config, (tree, { files }) => {
      expect(files.get('pmta.lua')).not.toMatch(/none = \{/);
      expect(tree.message(FROM).tenant).toBe('one');
      expect(tree.message({ ...FROM, peer: '10.0.0.1' }).tenant).toBe('two');
    });
  });
});

test('a table of queue-to that several virtual-mtas have is written once', () => {
  const policy = emptyPolicy();
  const rows = ['one', 'two', 'three'].flatMap((tenant) =>
    ['a', 'b', 'c'].map((name) => ({
      tenant,
      domain: `to-${name}.example`,
      queue: tenant === 'three' ? `${name}.queue!other.example` : `${name}.queue`,
      origins: [],
    })),
  );
  policy.lua.queueTo.push(...rows);
  const lua = contentOf(emitFiles(policy, OPTIONS), 'pmta.lua');
  expect(lua.match(/'to-a\.example'/g)).toHaveLength(2);
  expect(lua).toMatch(/SHARED_QUEUES = \{\s+by_domain \{/);
  expect(lua).toMatch(/\bone = SHARED_QUEUES\[1\],\s+two = SHARED_QUEUES\[1\],\s+three = by_domain/);
});

test('a network that repeats the next wider one is left out, one that takes a narrower one back is not', () => {
  const rows = [
    ['0.0.0.0/0', 1],
    ['::/0', 1],
    ['10.0.0.0/8', 1],
    ['192.0.0.0/8', 2],
    ['192.0.2.0/24', 1],
    ['192.0.2.7/32', 1],
    ['192.0.3.0/24', 2],
    ['2001:db8::/32', 1],
    ['2001:db8::1/128', 2],
  ] as const;
  const kept = withoutRepeatedNetworks(rows.map(([name, value]) => ({ name, value, note: '' })));
  expect(kept.map(({ name }) => name)).toEqual(['0.0.0.0/0', '::/0', '192.0.0.0/8', '192.0.2.0/24', '2001:db8::1/128']);
});
