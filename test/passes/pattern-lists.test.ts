import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertText, FIXTURES, loadConverted } from '../support/converted';
import { askTree, mail } from '../support/tree';

describe('pattern lists (M5 3.3.14, 8.4)', () => {
  const converted = convertText(readFileSync(join(FIXTURES, 'pattern-lists', 'input', 'config'), 'utf8'));
  const tenant = async (sender: string, recipient: string, headers: readonly [string, string][] = []) => {
    const tree = await loadConverted(converted);
    const message = tree.message({ peer: '10.0.0.1', sender, recipient, headers: [['From', sender], ...headers] });
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    tree.close();
    return message.tenant;
  };

  it('takes the first entry that fits, headers with the blank after the colon', async () => {
    expect(await tenant('a@shop.example', 'b@vip.example', [['X-Stream', 'bulk']])).toBe('pool-a');
    expect(await tenant('a@shop.example', 'b@vip.example', [['X-Stream', 'other']])).toBe('v1');
  });

  it('goes on with a called list, whose * catches the rest', async () => {
    expect(await tenant('a@SHOP.example', 'b@vip.example')).toBe('v1');
    expect(await tenant('a@shop.example', 'b@other.example')).toBe('v2');
  });

  it('goes on in the outer list when a nested one has nothing', async () => {
    expect(await tenant('a@news.example', 'b@slow.example')).toBe('v2');
    expect(await tenant('a@news.example', 'b@fast.example')).toBe('v1');
  });

  it('an entry with a priority alone ends the search: the first one that fits decides', () =>
    askTree(
      `<virtual-mta v1>
        smtp-source-host 192.0.2.1 v1.example
      </virtual-mta>
      <pattern-list inner>
        rcpt-to /@quick\\.example/ recipient-priority=90
      </pattern-list>
      <pattern-list choose>
        mail-from /@slow\\.example/ recipient-priority=10
        mail-from /@called\\.example/ call-to:inner
        mail-from // virtual-mta=v1
      </pattern-list>
      <source 10/8>
        always-allow-relaying yes
        pattern-list choose
      </source>`,
      (tree) => {
        const tenantOf = (sender: string, recipient = 'x@y.example') =>
          tree.message(mail({ peer: '10.0.0.1', sender, recipient })).tenant;
        expect(tenantOf('a@slow.example')).toBe('{default}');
        expect(tenantOf('a@called.example', 'x@quick.example')).toBe('{default}');
        expect(tenantOf('a@called.example')).toBe('v1');
        expect(tenantOf('a@other.example')).toBe('v1');
      },
    ));

  it('comes after the header and before the default', async () => {
    expect(await tenant('a@shop.example', 'b@vip.example', [['X-Virtual-MTA', 'V2']])).toBe('v2');
    expect(await tenant('a@nowhere.example', 'b@vip.example')).toBe('v1');
  });
});
