import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { inCidrList } from '../../src/kumo/runtime/cidr-map';
import { convertText } from '../support/converted';
import { askTree, codesOf, outcomesOf } from '../support/tree';

const LOOPBACK = ['127.0.0.1', '::1'];

function trustedOf(tree: LoadedTree): readonly string[] {
  const hosts = tree.httpListeners[0]?.['trusted_hosts'];
  return Array.isArray(hosts) ? hosts.map(String) : [];
}

const trusts = (tree: LoadedTree, ...addresses: string[]) =>
  addresses.map((address) => inCidrList(address, trustedOf(tree)));
const listen = (tree: LoadedTree) => tree.httpListeners.map((listener) => listener['listen']);

describe('http-mgmt-port (M5 3.3.1.36.1)', () => {
  it('kcli keeps its port on this machine when nothing is configured, or the port is off', async () => {
    for (const input of ['postmaster ops@example.net\n', 'http-mgmt-port 0\n'])
      await askTree(input, (tree) => {
        expect(listen(tree)).toEqual(['127.0.0.1:8000']);
        expect(trustedOf(tree)).toEqual(LOOPBACK);
      });
  });

  it('switched off, nobody has access whatever the lines say', () =>
    askTree('http-mgmt-port 0\nhttp-access 10/8 admin\nhttp-access 0/0 admin\n', (tree, converted) => {
      expect(trustedOf(tree)).toEqual(LOOPBACK);
      expect(outcomesOf(converted, 'http-access')).toEqual(['implicit', 'implicit']);
      expect(codesOf(converted)).not.toContain('open-http');
    }));

  it('that is off leaves lines with a wrong value invalid', () =>
    askTree('http-mgmt-port 0\nhttp-access 10/8 admin\nhttp-mgmt-source x\n', (_tree, converted) => {
      expect(outcomesOf(converted, 'http-access')).toEqual(['implicit']);
      expect(outcomesOf(converted, 'http-mgmt-source')).toEqual(['invalid']);
    }));

  it('stays on this machine while only this machine may use it', () =>
    askTree('http-mgmt-port 1983\nhttp-access 127.0.0.1 admin\nhttp-access ::1 admin\n', (tree) => {
      expect(listen(tree)).toEqual(['127.0.0.1:1983']);
      expect([...trustedOf(tree)].sort()).toEqual([...LOOPBACK].sort());
    }));

  it('opens for the networks that may administer, and always for this machine', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10/8 admin\nhttp-access 192.0.2.7 operator\n', (tree) => {
      expect(listen(tree)).toEqual(['0.0.0.0:8080']);
      expect(trusts(tree, '10.1.2.3', '192.0.2.7', '192.0.2.8', '127.0.0.1', '::1')).toEqual([
        true,
        true,
        false,
        true,
        true,
      ]);
    }));

  it('access without a port means PowerMTA’s own, 8080', () =>
    askTree('http-access 10/8 admin\n', (tree) => expect(listen(tree)).toEqual(['0.0.0.0:8080'])));
});

describe('http-access (M5 3.3.1.36.3)', () => {
  describe('monitor', () => {
    const config = 'http-mgmt-port 8080\nhttp-access 10/8 monitor\nhttp-access 192.0.2.7 admin\n';
    const asks = (tree: LoadedTree, method: 'GET' | 'POST', path: string, ...peers: string[]) =>
      peers.map((peer) => tree.mayRequest({ method, path, peer }));

    it('may read the metrics and nothing else, since trusted hosts may inject mail', () =>
      askTree(config, (tree, converted) => {
        const peers = ['10.1.2.3', '192.0.2.7', '203.0.113.9', '127.0.0.1'];
        expect(trusts(tree, ...peers)).toEqual([false, true, false, true]);
        expect(asks(tree, 'GET', '/metrics', ...peers)).toEqual([true, true, false, true]);
        expect(asks(tree, 'GET', '/metrics.json', ...peers)).toEqual([true, true, false, true]);
        expect(asks(tree, 'POST', '/metrics', ...peers)).toEqual([false, false, false, false]);
        expect(asks(tree, 'GET', '/api/admin/bounce/v1', ...peers)).toEqual([false, true, false, true]);
        expect(asks(tree, 'POST', '/api/inject/v1', ...peers)).toEqual([false, true, false, true]);
        expect(outcomesOf(converted, 'http-access')).toEqual(['approximate', 'approximate']);
      }));

    it('alone opens the port as well', () =>
      askTree('http-mgmt-port 8080\nhttp-access 192.0.2.7 monitor\n', (tree) => {
        expect(listen(tree)).toEqual(['0.0.0.0:8080']);
        expect(trustedOf(tree)).toEqual(LOOPBACK);
      }));

    it('of the whole internet is not written, unless asked for', async () => {
      const open = 'http-mgmt-port 8080\nhttp-access 0/0 monitor\n';
      await askTree(open, (tree, converted) => {
        expect(listen(tree)).toEqual(['127.0.0.1:8080']);
        expect(asks(tree, 'GET', '/metrics', '203.0.113.9')).toEqual([false]);
        expect(outcomesOf(converted, 'http-access')).toEqual(['manual']);
      });
      await askTree(open, (tree) => expect(asks(tree, 'GET', '/metrics', '203.0.113.9')).toEqual([true]), {
        allowOpenRelay: true,
      });
    });

    it('is for a person where a release knows only trusted and untrusted hosts', () =>
      askTree(
        config,
        (tree, converted) => {
          expect(trusts(tree, '10.1.2.3', '192.0.2.7')).toEqual([false, true]);
          expect(outcomesOf(converted, 'http-access')).toEqual(['manual', 'approximate']);
          expect(converted.files.get('init.lua')).not.toContain('acl');
        },
        { target: '2025.12.02' },
      ));

    it('of this machine needs nothing: it is always trusted', () =>
      askTree('http-mgmt-port 8080\nhttp-access 127.0.0.1 monitor\n', (_, converted) =>
        expect(converted.files.get('init.lua')).not.toContain('acl'),
      ));
  });

  it('the first line that fits counts', () =>
    askTree(
      'http-mgmt-port 8080\nhttp-access 10.1/16 none\nhttp-access 10.2/16 monitor\nhttp-access 10/8 admin\nhttp-access 10.1.1.1 admin\n',
      (tree, converted) => {
        expect(trusts(tree, '10.9.0.1', '10.1.0.1', '10.2.0.1', '10.1.1.1')).toEqual([true, false, false, false]);
        expect(outcomesOf(converted, 'http-access')).toEqual(['exact', 'approximate', 'approximate', 'implicit']);
        expect(codesOf(converted)).toContain('http-access-dead');
      },
    ));

  it('the other way round the exception comes too late', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10/8 admin\nhttp-access 10.1/16 none\n', (tree) =>
      expect(trusts(tree, '10.1.0.1')).toEqual([true]),
    ));

  it('a wider line takes what an earlier one left', () =>
    askTree(
      'http-mgmt-port 8080\nhttp-access 10.1/16 admin\nhttp-access 10/8 none\nhttp-access 0/0 monitor\n',
      (tree) => expect(trusts(tree, '10.1.0.1', '10.2.0.1', '203.0.113.9')).toEqual([true, false, false]),
    ));

  it('everybody as administrator is refused, and no one else loses access', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10/8 admin\nhttp-access 0/0 admin\n', (tree, converted) => {
      expect(trusts(tree, '203.0.113.9', '2001:db8::1')).toEqual([false, false]);
      expect(trusts(tree, '127.0.0.1')).toEqual([true]);
      expect(codesOf(converted)).toContain('open-http');
      expect(outcomesOf(converted, 'http-access')[1]).toBe('manual');
      expect(trusts(tree, '10.1.2.3')).toEqual([true]);
    }));

  it('everybody is refused even when an exception is cut out before', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10.1/16 none\nhttp-access 0/0 admin\n', (tree, converted) => {
      expect(trusts(tree, '203.0.113.9', '172.16.0.1')).toEqual([false, false]);
      expect(codesOf(converted)).toContain('open-http');
    }));

  it('everybody, when asked for', () =>
    askTree(
      'http-mgmt-port 8080\nhttp-access 0/0 admin\n',
      (tree) => expect(trusts(tree, '203.0.113.9', '10.1.2.3')).toEqual([true, true]),
      { allowOpenRelay: true },
    ));

  it('the old http-mgmt-source admits as administrator', () =>
    askTree('http-mgmt-port 8080\nhttp-mgmt-source 10/8\n', (tree) =>
      expect(trusts(tree, '10.1.2.3', '192.0.2.1')).toEqual([true, false]),
    ));

  it('no-http-mgmt-source takes addresses out, wherever it stands', () =>
    askTree('http-mgmt-port 8080\nhttp-mgmt-source 10/8\nno-http-mgmt-source 10.1/16\n', (tree, converted) => {
      expect(trusts(tree, '10.9.0.1', '10.1.0.1')).toEqual([true, false]);
      expect(outcomesOf(converted, 'no-http-mgmt-source')).toEqual(['exact']);
    }));

  it('thousands of lines: each decides for what is left', () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `http-access 10.${i >> 8}.${i & 255}.0/24 admin`);
    const { diagnostics } = convertText(
      ['http-mgmt-port 8080', ...lines, 'http-access 10/11 admin', ...lines].join('\n'),
    );
    expect(diagnostics.list.filter(({ code }) => code === 'http-access-dead')).toHaveLength(5_000);
  });
});

describe('http-redirect-to-https (M5 3.3.1.36.2)', () => {
  it('TLS only', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10/8 admin\nhttp-redirect-to-https yes\n', (tree, converted) => {
      expect(tree.httpListeners[0]?.['use_tls']).toBe(true);
      expect(outcomesOf(converted, 'http-redirect-to-https')).toEqual(['approximate']);
    }));

  it('asks for nothing where only kcli uses the listener', () =>
    askTree('http-redirect-to-https yes\n', (tree, converted) => {
      expect(tree.httpListeners[0]?.['use_tls']).toBeUndefined();
      expect(outcomesOf(converted, 'http-redirect-to-https')).toEqual(['implicit']);
    }));
});

describe('transmissions-api-listener (M5 3.3.21)', () => {
  const api = (argument: string, ...lines: string[]) =>
    `<transmissions-api-listener ${argument}>\n${lines.join('\n')}\n</transmissions-api-listener>\n`;

  it('is an HTTP listener that trusts this machine only', () =>
    askTree(api('192.0.2.10:8025', 'tls-certificate /etc/pmta/api.pem'), (tree, converted) => {
      expect(tree.httpListeners[1]).toEqual({
        listen: '192.0.2.10:8025',
        trusted_hosts: LOOPBACK,
        use_tls: true,
        tls_certificate: '/opt/kumomta/etc/tls/api.pem',
        tls_private_key: '/opt/kumomta/etc/tls/api.pem',
      });
      expect(outcomesOf(converted, '<transmissions-api-listener>')).toEqual(['approximate']);
      expect(outcomesOf(converted, 'tls-certificate')).toEqual(['exact']);
      expect([...converted.conversion.policy.copies.keys()]).toEqual(['/opt/kumomta/etc/tls/api.pem']);
    }));

  it('does not take an address twice', () =>
    askTree(`http-mgmt-port 8080\nhttp-access 10/8 admin\n${api('192.0.2.10:8080')}`, (tree, converted) => {
      expect(listen(tree)).toEqual(['0.0.0.0:8080']);
      expect(outcomesOf(converted, '<transmissions-api-listener>')).toEqual(['implicit']);
    }));

  it('needs an address and a port', () =>
    askTree(api('nowhere'), (tree, converted) => {
      expect(listen(tree)).toEqual(['127.0.0.1:8000']);
      expect(outcomesOf(converted, '<transmissions-api-listener>')).toEqual(['invalid']);
    }));
});
