import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { inCidrList } from '../../src/kumo/runtime/cidr-map';
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
  it('who may only look is not trusted, since trusted hosts may inject mail', () =>
    askTree('http-mgmt-port 8080\nhttp-access 10/8 monitor\nhttp-access 192.0.2.7 admin\n', (tree, converted) => {
      expect(trusts(tree, '10.1.2.3', '192.0.2.7')).toEqual([false, true]);
      expect(outcomesOf(converted, 'http-access')).toEqual(['manual', 'approximate']);
    }));

  it('the first line that fits counts', () =>
    askTree(
      'http-mgmt-port 8080\nhttp-access 10.1/16 none\nhttp-access 10.2/16 monitor\nhttp-access 10/8 admin\nhttp-access 10.1.1.1 admin\n',
      (tree, converted) => {
        expect(trusts(tree, '10.9.0.1', '10.1.0.1', '10.2.0.1', '10.1.1.1')).toEqual([true, false, false, false]);
        expect(outcomesOf(converted, 'http-access')).toEqual(['exact', 'manual', 'approximate', 'implicit']);
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
});
