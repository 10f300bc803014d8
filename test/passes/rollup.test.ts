import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { convertText, FIXTURES } from '../support/converted';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'a.example': ['mx1.filter.example', 'mx2.filter.example'],
  'b.example': ['mx1.filter.example', 'mx.elsewhere.example'],
  'c.example': ['in1.cloud.example'],
  'd.example': ['in2.cloud.example'],
};

describe('mx-rollup-list (M5 10.17)', () => {
  const text = readFileSync(join(FIXTURES, 'mx-rollup', 'input', 'config'), 'utf8');
  const converted = convertText(text);
  const load = () =>
    loadTree(converted.files, {
      installDir: DEFAULT_OPTIONS.installDir,
      mx: (domain) => (HOSTS[domain] === undefined ? undefined : { hosts: HOSTS[domain] }),
    });

  it('gives domains whose MX hosts fit the limits of the rollup queue', async () => {
    const tree = await load();
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const path = tree.egressPath('a.example', '{default}');
    expect([path['connection_limit'], path['max_deliveries_per_connection']]).toEqual([30, 5]);
    expect(tree.egressPath('b.example', '{default}')['connection_limit']).toBe(20);
    tree.close();
  });

  it('shares the limits among all domains of the queue, also those that hold for every queue', async () => {
    const tree = await load();
    const shared = (domain: string) => tree.egressPath(domain, '{default}')['additional_connection_limits'];
    expect(shared('c.example')).toEqual(shared('d.example'));
    expect(shared('c.example')).toEqual({ 'shaping-provider-cloud-{default}-limit': 10 });
    const rates = tree.egressPath('a.example', '{default}')['additional_message_rate_throttles'];
    expect(rates).toEqual({ 'shaping-provider-filter-{default}-rate': '500/h,max_burst=9' });
    tree.close();
  });

  it('lets a virtual-mta have a smaller limit, shared as well', async () => {
    const tree = await load();
    const path = tree.egressPath('c.example', 'v1');
    expect(path['connection_limit']).toBe(2);
    expect(path['additional_connection_limits']).toMatchObject({ 'pmta-rollup:cloud:v1': 2 });
    tree.close();
  });

  it('says that retry and routes of the queue are left, and that a queue has no limits', () => {
    const outcome = (name: string, raw: string) =>
      converted.conversion.ledger.entries().find((e) => e.setting.name === name && e.setting.raw === raw)?.outcome;
    expect(outcome('retry-after', '1h')).toBe('manual');
    expect(outcome('smtp-hosts', 'lookup-mx:cloud.example')).toBe('manual');
    expect(outcome('mx', 'mx1.filter.example filter.rollup')).toBe('approximate');
    expect(converted.diagnostics.list.map(({ code }) => code)).toContain('rollup-without-limits');
  });
});

describe('disable-mx-rollup (M5 3.3.10.92)', () => {
  const LIST =
    '<mx-rollup-list>\n  mx *.cloud.example cloud.rollup\n</mx-rollup-list>\n<domain cloud.rollup>\n  max-smtp-out 2\n  max-msg-rate 1/s\n</domain>\n';
  const EXEMPT =
    '<domain c.example>\n  disable-mx-rollup yes\n</domain>\n<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n  <domain *>\n    max-smtp-out 7\n  </domain>\n</virtual-mta>\n';
  const outcome = (text: string) =>
    convertText(text)
      .conversion.ledger.entries()
      .filter(({ setting }) => setting.name === 'disable-mx-rollup')
      .map((entry) => entry.outcome);

  it('gives the domain its own limits back, those of a virtual-mta too', async () => {
    const tree = await loadTree(convertText(LIST + EXEMPT).files, {
      installDir: DEFAULT_OPTIONS.installDir,
      mx: (domain) => (HOSTS[domain] === undefined ? undefined : { hosts: HOSTS[domain] }),
    });
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const limits = (domain: string, source: string) => {
      const path = tree.egressPath(domain, source);
      return [path['connection_limit'], path['max_message_rate']];
    };
    expect(limits('d.example', '{default}')).toEqual([2, '1/s']);
    // 20 is the default; the highest rate stands for none.
    expect(limits('c.example', '{default}')).toEqual([20, '1000000/s']);
    expect(limits('c.example', 'v')).toEqual([7, '1000000/s']);
    tree.close();
  });

  it('is nothing without a list, and left to a person for names below a domain or one virtual-mta', () => {
    expect(outcome(LIST + EXEMPT)).toEqual(['approximate']);
    expect(outcome(EXEMPT)).toEqual(['implicit']);
    expect(outcome(`${LIST}<domain *.c.example>\n  disable-mx-rollup yes\n</domain>\n`)).toEqual(['manual']);
    expect(
      outcome(`${LIST}<virtual-mta v>\n  <domain c.example>\n    disable-mx-rollup yes\n  </domain>\n</virtual-mta>\n`),
    ).toEqual(['manual']);
  });
});
