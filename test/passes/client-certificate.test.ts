import { describe, expect, it } from 'vitest';
import { askTree, codesOf, outcomesOf } from '../support/tree';

const domain = (name: string, line: string) => `<domain ${name}>\n  ${line}\n</domain>\n`;

describe('smtp-client-certificate (M5+ 3.3.10.95.11)', () => {
  it('is shown to the domains that ask for it, key and certificate from one file', () =>
    askTree(domain('d.test', 'smtp-client-certificate /etc/pmta/client.pem'), (tree, converted) => {
      const file = '/opt/kumomta/etc/tls/client.pem';
      expect(tree.egressPath('d.test', '{default}')).toMatchObject({ tls_certificate: file, tls_private_key: file });
      expect(tree.egressPath('x.test', '{default}')['tls_certificate']).toBeUndefined();
      expect(outcomesOf(converted, 'smtp-client-certificate')).toEqual(['exact']);
      expect([...converted.conversion.policy.copies.values()].map(({ from, to }) => [from, to])).toEqual([
        ['/etc/pmta/client.pem', file],
      ]);
    }));

  it('of a virtual-mta is for its sources; two files of one name do not meet', () =>
    askTree(
      domain('*', 'smtp-client-certificate /etc/pmta/client.pem') +
        `<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n${domain('d.test', 'smtp-client-certificate /etc/other/client.pem')}</virtual-mta>\n`,
      (tree) => {
        const file = (name: string, source: string) => tree.egressPath(name, source)['tls_certificate'];
        expect([file('d.test', '{default}'), file('d.test', 'v'), file('x.test', 'v')]).toEqual([
          '/opt/kumomta/etc/tls/client.pem',
          '/opt/kumomta/etc/tls/2-client.pem',
          '/opt/kumomta/etc/tls/client.pem',
        ]);
      },
    ));

  it('with a pass phrase, or taken back for one domain, is left to a person', () =>
    askTree(
      domain('*', 'smtp-client-certificate /etc/pmta/client.pem s3cret') +
        domain('d.test', 'smtp-client-certificate ""'),
      (_, converted) => {
        expect(outcomesOf(converted, 'smtp-client-certificate')).toEqual(['manual', 'manual']);
        expect(codesOf(converted)).toContain('tls-pass-phrase');
        for (const content of converted.files.values()) expect(content).not.toContain('s3cret');
      },
    ));

  it('is nothing that an older release knows', () =>
    askTree(
      domain('d.test', 'smtp-client-certificate /etc/pmta/client.pem'),
      (tree, converted) => {
        expect(tree.egressPath('d.test', '{default}')['tls_certificate']).toBeUndefined();
        expect(outcomesOf(converted, 'smtp-client-certificate')).toEqual(['unsupported']);
      },
      { target: '2025.05.06' },
    ));
});
