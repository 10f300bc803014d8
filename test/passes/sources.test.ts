import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { askTree, codesOf, mailWith, notesOf, outcomesOf, secondsOf } from '../support/tree';

/** Feeders that name the virtual-mta in the header. */
const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';

const vmta = (name: string, ...lines: string[]) => `<virtual-mta ${name}>\n  ${lines.join('\n  ')}\n</virtual-mta>\n`;
const pool = (name: string, ...members: string[]) =>
  `<virtual-mta-pool ${name}>\n${members.map((member) => `  virtual-mta ${member}\n`).join('')}</virtual-mta-pool>\n`;
const by = (name: string) => mailWith([['X-Virtual-MTA', name]]);

/** Part of a pool's mail that each virtual-mta gets, by the sources that carry its name. */
function sharesOf(tree: LoadedTree, name: string): Record<string, number> {
  const entries = tree.pools().get(name) ?? [];
  const total = entries.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
  const shares: Record<string, number> = {};
  for (const { name: source, weight } of entries) {
    const owner = source.replace(/#.*/, '');
    shares[owner] = (shares[owner] ?? 0) + (weight ?? 1) / total;
  }
  return shares;
}

describe('addresses (M5 3.3.1.16, 8.2)', () => {
  it('one address is one source of the name of its virtual-mta, with the name for EHLO', () =>
    askTree(FEED + vmta('v', 'smtp-source-host 192.0.2.20 m20.example.net'), (tree, converted) => {
      expect(tree.message(by('v')).sources).toEqual(['v']);
      expect(tree.sources().get('v')).toMatchObject({
        source_address: '192.0.2.20',
        ehlo_domain: 'm20.example.net',
      });
      expect(outcomesOf(converted, 'smtp-source-host')).toEqual(['exact']);
    }));

  it('several addresses are used in turn, each with its own name', () =>
    askTree(
      FEED + vmta('v', 'smtp-source-host 192.0.2.20 m20.example.net', 'smtp-source-host 2001:db8::21 m21.example.net'),
      (tree) => {
        const used = tree.message(by('v')).sources.map((name) => tree.sources().get(name));
        expect(used).toHaveLength(2);
        expect(used).toContainEqual(
          expect.objectContaining({ source_address: '192.0.2.20', ehlo_domain: 'm20.example.net' }),
        );
        expect(used).toContainEqual(
          expect.objectContaining({ source_address: '2001:db8::21', ehlo_domain: 'm21.example.net' }),
        );
        expect((tree.pools().get('v') ?? []).map(({ weight }) => weight ?? 1)).toEqual([1, 1]);
      },
    ));

  it('a small range becomes a source per address; which of them this host has is for a person to see', () =>
    askTree(FEED + vmta('v', 'smtp-source-host 198.51.100.16/30 out.example.net'), (tree, converted) => {
      const addresses = tree.message(by('v')).sources.map((name) => tree.sources().get(name)?.['source_address']);
      expect([...addresses].sort()).toEqual(['198.51.100.16', '198.51.100.17', '198.51.100.18', '198.51.100.19']);
      expect(outcomesOf(converted, 'smtp-source-host')).toEqual(['approximate']);
      expect(codesOf(converted)).toContain('address-range-expanded');
    }));

  it('without a readable address mail waits instead of leaving by one that the system or a wider line chooses', () =>
    askTree(
      `smtp-source-host 192.0.2.9 all.example.net\n${FEED}` +
        vmta('v', 'smtp-source-host 192.0.2.300 v.example.net') +
        vmta('w', 'smtp-source-host 192.0.2.300 w.example.net', 'smtp-source-host 192.0.2.20 w.example.net') +
        vmta('x', 'max-smtp-out 5'),
      (tree) => {
        const sources = ['v', 'w', 'x'].map((name) => tree.message(by(name)).sources);
        expect(sources).toEqual([[], ['w'], ['x']]);
        expect(tree.sources().get('w')).toMatchObject({ source_address: '192.0.2.20' });
        expect(tree.sources().get('x')).toMatchObject({ source_address: '192.0.2.9' });
      },
    ));

  it('an unreadable address for all holds the mail of those that have none themselves', () =>
    askTree(`smtp-source-host 192.0.2.300 all.example.net\n${FEED}${vmta('v')}`, (tree, converted) => {
      expect(tree.message(by('v')).sources).toEqual([]);
      expect(tree.message(by('{default}')).sources).toEqual([]);
      expect(converted.files.get('sources.toml')).toContain('mail of this pool waits');
    }));

  it('a weight in a pool is an error, and its member stays in it with the share of every other', () =>
    askTree(
      FEED +
        vmta('v', 'smtp-source-host 192.0.2.20 v.example.net') +
        vmta('w', 'smtp-source-host 192.0.2.21 w.example.net') +
        pool('p', 'v weight 300', 'w weight 100'),
      (tree, converted) => {
        expect(sharesOf(tree, 'p')).toEqual({ v: 0.5, w: 0.5 });
        expect(outcomesOf(converted, 'virtual-mta')).toEqual(['invalid', 'invalid']);
        const found = converted.diagnostics.list.filter(({ code }) => code === 'pool-weight');
        expect(found.map(({ severity }) => severity)).toEqual(['error', 'error']);
        expect(found[0]?.help).toContain('remove the weight: PowerMTA documents none');
        expect(codesOf(converted)).not.toContain('value-invalid');
      },
    ));

  it('a large range is left to a person, and mail of the virtual-mta leaves by no other address', () =>
    askTree(FEED + vmta('v', 'smtp-source-host 198.51.100.0/24 out.example.net'), (tree, converted) => {
      expect(tree.message(by('v')).sources).toEqual([]);
      expect(outcomesOf(converted, 'smtp-source-host')).toEqual(['manual']);
      expect(codesOf(converted)).toContain('address-range');
    }));

  it('a virtual-mta without addresses takes the global ones; own ones replace them', () =>
    askTree(
      `${FEED}smtp-source-host 192.0.2.1 all.example.net\n` +
        vmta('v', 'max-smtp-out 5') +
        vmta('w', 'smtp-source-host 192.0.2.2 w.example.net'),
      (tree) => {
        const addressOf = (name: string) =>
          tree.message(by(name)).sources.map((source) => tree.sources().get(source)?.['source_address']);
        expect(addressOf('v')).toEqual(['192.0.2.1']);
        expect(addressOf('w')).toEqual(['192.0.2.2']);
        expect(addressOf('{default}')).toEqual(['192.0.2.1']);
      },
    ));

  it('without any address the system chooses it, and the virtual-mta’s own host-name beats the global one', () =>
    askTree(`${FEED}host-name mta.example.net\n${vmta('v', 'host-name v.example.net')}`, (tree) => {
      const [source = ''] = tree.message(by('v')).sources;
      expect(tree.sources().get(source)).toEqual({ name: source, ehlo_domain: 'v.example.net' });
      const [usual = ''] = tree.message(by('{default}')).sources;
      expect(tree.sources().get(usual)).toEqual({ name: usual, ehlo_domain: 'mta.example.net' });
    }));
});

describe('proxies (M5 3.3.1.39, 10.2)', () => {
  const px1 = '<proxy px1>\n  server 10.0.0.5:5000\n  client 203.0.113.7 m7.example.net\n</proxy>\n';
  const leaves = {
    source_address: '10.0.0.2',
    ha_proxy_server: '10.0.0.5:5000',
    ha_proxy_source_address: '203.0.113.7',
    ehlo_domain: 'm7.example.net',
  };

  it('use-proxy and smtp-proxy-source-host leave alike: by the proxy, with the client’s address and name', () =>
    askTree(
      FEED +
        px1 +
        vmta('via5r2', 'smtp-source-host 10.0.0.2 int.example.net', 'use-proxy px1') +
        vmta('via5r8', 'smtp-proxy-source-host 10.0.0.2 10.0.0.5:5000 203.0.113.7 m7.example.net'),
      (tree) => {
        for (const name of ['via5r2', 'via5r8']) {
          expect(tree.message(by(name)).sources.map((source) => tree.sources().get(source))).toEqual([
            { name, ...leaves },
          ]);
        }
      },
    ));

  it('a global proxy serves the virtual-mtas without one of their own', () =>
    askTree(
      `${FEED + px1}<proxy px2>\n  server 10.0.0.6:5000\n  client 203.0.113.8 m8.example.net\n</proxy>\nuse-proxy px1\n` +
        vmta('v', 'smtp-source-host 10.0.0.2 int.example.net') +
        vmta('w', 'smtp-source-host 10.0.0.2 int.example.net', 'use-proxy px2'),
      (tree) => {
        const server = (name: string) => tree.sources().get(name)?.['ha_proxy_server'];
        expect([server('v'), server('w')]).toEqual(['10.0.0.5:5000', '10.0.0.6:5000']);
      },
    ));

  it('of several proxies the first is used, and the loss of the others is told', () =>
    askTree(
      `${FEED + px1}<proxy px2>\n  server 10.0.0.6:5000\n  client 203.0.113.8 m8.example.net\n</proxy>\n` +
        vmta('v', 'smtp-source-host 10.0.0.2 int.example.net', 'use-proxy px2,px1'),
      (tree, converted) => {
        expect(tree.sources().get('v')?.['ha_proxy_server']).toBe('10.0.0.6:5000');
        expect(outcomesOf(converted, 'use-proxy')).toEqual(['approximate']);
        expect(notesOf(converted, 'use-proxy')[0]).not.toBe('');
      },
    ));

  it('a proxy that is not defined is not passed over in silence, and mail does not leave around it unnoticed', () =>
    askTree(FEED + vmta('v', 'smtp-source-host 10.0.0.2 int.example.net', 'use-proxy nowhere'), (_, converted) => {
      expect(outcomesOf(converted, 'use-proxy')[0]).toMatch(/^(manual|invalid)$/);
    }));
});

describe('pools (M5 8.3, 3.3.13)', () => {
  const members =
    vmta('one', 'smtp-source-host 192.0.2.1 a.example.net') +
    vmta('two', 'smtp-source-host 192.0.2.2 b.example.net', 'smtp-source-host 192.0.2.3 c.example.net') +
    vmta(
      'three',
      'smtp-source-host 192.0.2.4 d.example.net',
      'smtp-source-host 192.0.2.5 e.example.net',
      'smtp-source-host 192.0.2.6 f.example.net',
    );

  it('members take turns whatever the number of their addresses', () =>
    askTree(FEED + members + pool('pair', 'one', 'two') + pool('all', 'one', 'two', 'three'), (tree) => {
      const pair = sharesOf(tree, 'pair');
      expect(pair['one']).toBeCloseTo(1 / 2);
      expect(pair['two']).toBeCloseTo(1 / 2);
      const all = sharesOf(tree, 'all');
      for (const name of ['one', 'two', 'three']) expect(all[name]).toBeCloseTo(1 / 3);
      expect([...tree.message(by('all')).sources].sort()).toEqual([
        'one',
        'three#192.0.2.4',
        'three#192.0.2.5',
        'three#192.0.2.6',
        'two#192.0.2.2',
        'two#192.0.2.3',
      ]);
    }));

  it('a member that is not defined is told, and the others go on', () =>
    askTree(FEED + members + pool('pair', 'one', 'nobody'), (tree, converted) => {
      expect(tree.message(by('pair')).sources).toEqual(['one']);
      const members = converted.conversion.ledger
        .entries()
        .filter(({ setting }) => setting.name === 'virtual-mta' && setting.scope.kind === 'virtual-mta-pool');
      expect(members.map(({ outcome }) => outcome)).toEqual(['exact', 'invalid']);
    }));

  it('members that differ in retry get messages of their own, so that each keeps its retry', () =>
    askTree(
      FEED +
        vmta('slow', 'smtp-source-host 192.0.2.1 a.example.net', '<domain *>', 'retry-after 1h', '</domain>') +
        vmta('fast', 'smtp-source-host 192.0.2.2 b.example.net', '<domain *>', 'retry-after 5m', '</domain>') +
        pool('mixed', 'slow', 'fast'),
      (tree, converted) => {
        expect(codesOf(converted)).toContain('pool-by-member');
        const chosen = new Set<string>();
        for (let i = 0; i < 60; i++) {
          const message = tree.message(by('mixed'));
          expect(message.sources).toEqual([message.tenant]);
          chosen.add(message.tenant ?? '');
        }
        // Sixty messages to one of two members: 1 in 2^59.
        expect([...chosen].sort()).toEqual(['fast', 'slow']);
        expect(secondsOf(tree.queueConfig('d.test', 'slow')['retry_interval'])).toBe(3600);
        expect(secondsOf(tree.queueConfig('d.test', 'fast')['retry_interval'])).toBe(300);
      },
    ));

  it('members that agree share one queue of the pool, which keeps the choice of the source to KumoMTA', () =>
    askTree(FEED + members + pool('pair', 'one', 'two'), (tree, converted) => {
      expect(tree.message(by('pair'))).toMatchObject({ tenant: 'pair', queue: 'pair@d.test' });
      expect(codesOf(converted)).not.toContain('pool-by-member');
    }));
});

describe('names (design, section 19)', () => {
  it('a name that KumoMTA reads as a queue field is changed, and the header still finds it', () =>
    askTree(FEED + vmta('max_age', 'smtp-source-host 192.0.2.1 a.example.net'), (tree, converted) => {
      const message = tree.message(by('max_age'));
      expect(message.rejected).toBeUndefined();
      expect(message.tenant).not.toBe('max_age');
      expect(message.sources.map((name) => tree.sources().get(name)?.['source_address'])).toEqual(['192.0.2.1']);
      expect(converted.conversion.policy.renames).toMatchObject([
        { what: 'tenant', from: 'max_age', to: message.tenant },
      ]);
    }));

  it('names that differ only in characters KumoMTA cannot hold stay two', () =>
    askTree(
      FEED +
        vmta('a:b', 'smtp-source-host 192.0.2.1 a.example.net') +
        vmta('a@b', 'smtp-source-host 192.0.2.2 b.example.net') +
        vmta('a_b', 'smtp-source-host 192.0.2.3 c.example.net'),
      (tree) => {
        const messages = ['a:b', 'a@b', 'a_b'].map((name) => tree.message(by(name)));
        for (const message of messages) expect(message.queue).toBe(`${message.tenant}@d.test`);
        expect(new Set(messages.map(({ tenant }) => tenant)).size).toBe(3);
        expect(
          messages.map(({ sources }) => sources.map((name) => tree.sources().get(name)?.['source_address'])),
        ).toEqual([['192.0.2.1'], ['192.0.2.2'], ['192.0.2.3']]);
      },
    ));

  it('the tenant is one spelling, however the configuration and the header write the name', () =>
    askTree(
      `${FEED + vmta('MTA-One', 'smtp-source-host 192.0.2.1 a.example.net')}${pool('Both', 'mta-one')}`,
      (tree) => {
        expect(['MTA-One', 'mta-one', 'MTA-ONE'].map((name) => tree.message(by(name)).queue)).toEqual(
          Array.from({ length: 3 }, () => 'mta-one@d.test'),
        );
        expect(tree.message(by('BOTH')).sources).toEqual(tree.message(by('mta-one')).sources);
      },
    ));

  it('a name that tries to leave its quotes stays a name', () =>
    askTree(FEED + vmta(`x'"]\\n--`, 'smtp-source-host 192.0.2.1 a.example.net'), (tree) => {
      expect([...tree.sources().values()]).toContainEqual(expect.objectContaining({ source_address: '192.0.2.1' }));
    }));
});
