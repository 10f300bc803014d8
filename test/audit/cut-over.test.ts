import { describe, expect, it } from 'vitest';
import { stageName } from '../../src/audit/cut-over';
import { auditText } from '../support/audited';

function config(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

const vmta = (name: string, address: string, ...lines: readonly string[]): readonly string[] => [
  `<virtual-mta ${name}>`,
  `smtp-source-host ${address} ${name}.example.com`,
  ...lines,
  '</virtual-mta>',
];
const pool = (name: string, ...members: readonly string[]): readonly string[] => [
  `<virtual-mta-pool ${name}>`,
  ...members.map((member) => `virtual-mta ${member}`),
  '</virtual-mta-pool>',
];
const source = (...lines: readonly string[]): readonly string[] => ['<source 0/0>', ...lines, '</source>'];

function stagesOf(...lines: readonly string[]) {
  return auditText(config(...lines)).cutOver.stages;
}

describe('stages of the cut-over', () => {
  it('are pools, and virtual-mtas of no pool', () => {
    const stages = stagesOf(
      ...vmta('v1', '192.0.2.1'),
      ...vmta('v2', '192.0.2.2'),
      ...vmta('v3', '192.0.2.3'),
      ...pool('p', 'v1', 'v2'),
    );
    expect(stages.map(({ pools, virtualMtas }) => [pools, virtualMtas])).toEqual([
      [[], ['v3']],
      [['p'], ['v1', 'v2']],
    ]);
  });

  it('keep together what shares members, addresses, or a cold virtual-mta', () => {
    const [shared, ...none] = stagesOf(
      ...vmta('v1', '192.0.2.1'),
      ...vmta('v2', '192.0.2.2'),
      ...vmta('v3', '192.0.2.3'),
      ...vmta('v4', '192.0.2.3'),
      ...vmta('v5', '192.0.2.5', 'cold-virtual-mta v4'),
      ...pool('p', 'v1', 'v2'),
      ...pool('q', 'v2', 'v3'),
    );
    expect(shared?.virtualMtas).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    expect(shared?.pools).toEqual(['p', 'q']);
    expect(none).toEqual([]);
  });

  it('go from the least to the most important: defaults last, then by references, addresses, name', () => {
    const stages = stagesOf(
      ...vmta('main', '192.0.2.1'),
      ...vmta('named', '192.0.2.2'),
      ...vmta('b', '192.0.2.3'),
      ...vmta('a', '192.0.2.4'),
      ...[
        '<virtual-mta wide>',
        'smtp-source-host 192.0.2.5 x.example.com',
        'smtp-source-host 192.0.2.6 y.example.com',
        '</virtual-mta>',
      ],
      ...['<pattern-list l>', 'mail-from /x/ virtual-mta=named', '</pattern-list>'],
      ...source('default-virtual-mta main', 'pattern-list l'),
    );
    expect(stages.map(stageName)).toEqual(['a', 'b', 'wide', 'named', 'main']);
    expect(stages.map(({ isDefault }) => isDefault)).toEqual([false, false, false, false, true]);
    expect(stages.map(({ references }) => references)).toEqual([0, 0, 0, 1, 1]);
  });

  it('know their addresses, the names in EHLO, the DKIM records and how long mail waits', () => {
    const [stage] = stagesOf(
      'domain-key s1,x.example,/k1',
      'domain-key s2,*,/k2',
      ...vmta(
        'v1',
        '192.0.2.1',
        'domain-key s3,Y.example,/k3',
        '<domain slow.example>',
        'bounce-after 9d',
        '</domain>',
      ),
      ...['<domain *>', 'bounce-after 2d', '</domain>'],
    );
    expect(stage?.addresses).toEqual([{ source: 'v1', address: '192.0.2.1', host: 'v1.example.com' }]);
    expect(stage?.keyRecords).toEqual([
      's1._domainkey.x.example',
      's2._domainkey.(domain of the sender)',
      's3._domainkey.y.example',
    ]);
    expect(stage?.longestWait).toBe(9 * 86_400);
    // PowerMTA's default is 4d12h, also for the domains that no block names.
    expect(stagesOf(...vmta('v1', '192.0.2.1'))[0]?.longestWait).toBe(388_800);
    const some = stagesOf(...vmta('v1', '192.0.2.1'), '<domain a.example>', 'bounce-after 1h', '</domain>');
    expect(some[0]?.longestWait).toBe(388_800);
  });

  it('are one, of the default, where nothing is defined; a pool without members is told', () => {
    expect(stagesOf('host-name a.example.com').map(stageName)).toEqual(['{default}']);
    expect(stagesOf(...vmta('v1', '192.0.2.1')).map(stageName)).toEqual(['v1']);
    expect(stagesOf(...pool('p', 'nobody'), ...vmta('v1', '192.0.2.1')).map(stageName)).toEqual(['p', 'v1']);
  });

  it('ask for the TSA daemon, keys and secrets only where there are any', () => {
    const plain = auditText('host-name a.example.com\n').cutOver.preparation.join(' ');
    expect(plain).not.toMatch(/kumo-tsa-daemon|Copy the keys|Check who can read/);
    const full = auditText(
      config(
        ...['<smtp-pattern-list l>', 'reply /x/ mode=backoff', '</smtp-pattern-list>'],
        ...['<domain *>', 'smtp-pattern-list l', 'backoff-max-msg-rate 3/h', 'dkim-sign yes', '</domain>'],
        'domain-key s1,x.example,/k1',
        ...['<smtp-user me>', 'password a', '</smtp-user>'],
      ),
    ).cutOver.preparation.join(' ');
    expect(full).toContain('kumo-tsa-daemon');
    expect(full).toContain('Copy the keys and certificates');
    expect(full).toContain('Check who can read smtp_users.toml');
  });
});
