import { describe, expect, it } from 'vitest';
import { askTree, notesOf, outcomesOf } from '../support/tree';

const CONFIG = `
<source 127.0.0.1>
  always-allow-relaying yes
</source>
<smtp-pattern-list full>
  reply /mailbox.*full\\/locked/ bounce-rcpt
  reply /try the other host/ skip-mx
  reply /full of other hosts/ bounce-rcpt
  reply /slow down/ mode=backoff
</smtp-pattern-list>
<smtp-pattern-list plain>
  reply /slow down/ mode=backoff
</smtp-pattern-list>
<domain *>
  smtp-pattern-list full
  backoff-max-msg-rate 10/h
</domain>
<domain calm.example>
  smtp-pattern-list plain
</domain>
<virtual-mta v1>
  smtp-source-host 192.0.2.1 v1.example.com
  <domain calm.example>
    smtp-pattern-list full
  </domain>
</virtual-mta>
`;

describe('bounce-rcpt and skip-mx (M5 3.3.15)', () => {
  it('gives the recipient up after a 4xx reply that fits', async () => {
    await askTree(CONFIG, (tree, converted) => {
      expect(tree.newStatus('452 4.2.2 Mailbox is full/locked', 'a.example')).toBe(550);
      expect(tree.newStatus('552 5.2.2 mailbox full/locked', 'a.example')).toBeUndefined();
      expect(tree.newStatus('451 slow down', 'a.example')).toBeUndefined();
      expect(outcomesOf(converted, 'reply').slice(0, 4)).toEqual(Array(4).fill('approximate'));
      expect(notesOf(converted, 'reply')[0]).toContain('becomes a 550');
    });
  });

  it('goes on to the next host, also after a 5xx, and the first of two entries in conflict counts', async () => {
    await askTree(CONFIG, (tree) => {
      expect(tree.newStatus('554 5.7.1 Try the other host', 'a.example')).toBe(421);
      expect(tree.newStatus('451 try the other host: full of other hosts', 'a.example')).toBe(421);
      expect(tree.egressPath('a.example', 'v1')).toMatchObject({ try_next_host_on_transport_error: true });
    });
  });

  it('holds where the list holds', async () => {
    await askTree(CONFIG, (tree) => {
      expect(tree.newStatus('452 mailbox full/locked', 'calm.example', '{default}')).toBeUndefined();
      expect(tree.newStatus('452 mailbox full/locked', 'calm.example', 'v1')).toBe(550);
    });
  });

  it('asks no older release to try the next host at once', async () => {
    await askTree(
      CONFIG,
      (tree) => {
        expect(tree.egressPath('a.example', 'v1')).not.toHaveProperty('try_next_host_on_transport_error');
        expect(tree.newStatus('554 try the other host', 'a.example')).toBe(421);
      },
      { target: '2024.11.08' },
    );
  });

  it('does not go on at once where a time-out behind the final dot is a delivery, which would be sent again', async () => {
    const assume = 'assume-delivery-upon-data-termination-timeout yes';
    const input = `${CONFIG}<domain sure.example>
  ${assume}
</domain>
<virtual-mta v2>
  smtp-source-host 192.0.2.2 v2.example.com
  <domain *>
    smtp-pattern-list full
  </domain>
</virtual-mta>
<virtual-mta v3>
  smtp-source-host 192.0.2.3 v3.example.com
  <domain *>
    ${assume}
  </domain>
</virtual-mta>
`;
    await askTree(input, (tree, converted) => {
      const goesOn = (domain: string, source: string) =>
        tree.egressPath(domain, source)['try_next_host_on_transport_error'] === true;
      expect(['v1', 'v2', 'v3'].map((source) => goesOn('a.example', source))).toEqual([true, true, false]);
      expect(['v1', 'v2', 'v3'].map((source) => goesOn('sure.example', source))).toEqual([false, false, false]);
      expect(notesOf(converted, 'smtp-pattern-list')[0]).toContain('as a duplicate');
    });
  });
});
