import { describe, expect, it } from 'vitest';
import { convertText } from '../support/converted';
import { codesOf, notesOf, outcomesOf } from '../support/tree';

const RELAYED = '<bounce-processor>\n<address-list>\ndomain b.test\n</address-list>\n';

describe('what the target release cannot do', () => {
  // Releases from the manual of KumoMTA: tls_required_client_ca, the action Bounce, peer, try_next_host_on_transport_error,
  // ports in mx_list, LogThenDrop.
  it.each([
    [
      'smtp-server-tls-ca-file',
      '2025.10.06',
      'unsupported',
      'smtp-listener 0.0.0.0:25\nsmtp-server-tls-ca-file /etc/ca\n',
    ],
    [
      'reply',
      '2025.01.23',
      'unsupported',
      '<smtp-pattern-list l>\nreply /blocked/ bounce-queue\n</smtp-pattern-list>\n<domain *>\nsmtp-pattern-list l\n</domain>\n',
    ],
    [
      'smtp-421-means-mx-unavailable',
      '2025.10.06',
      'unsupported',
      '<domain d.test>\nsmtp-421-means-mx-unavailable yes\n</domain>\n',
    ],
    [
      'smtp-hosts',
      '2025.10.06',
      'manual',
      '<domain d.test>\nsmtp-hosts [192.0.2.9]:2525,[192.0.2.10]:2525\n</domain>\n',
    ],
    ['deliver-matched-email', '2025.05.06', 'approximate', `${RELAYED}deliver-matched-email no\n</bounce-processor>\n`],
  ] as const)('%s before %s', (directive, since, outcome, text) => {
    const old = convertText(text, { target: '2024.11.08' });
    expect(outcomesOf(old, directive)).toEqual([outcome]);
    expect(notesOf(old, directive)[0]).toContain(since);
    const told = old.diagnostics.list.filter(({ code }) => code === 'target-too-old');
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining(since)]);
    expect(told[0]?.message).toContain('2024.11.08');
    expect(codesOf(convertText(text, { target: since }))).not.toContain('target-too-old');
  });

  it('reports are relayed on by every release', () => {
    const text = `${RELAYED}deliver-matched-email yes\n</bounce-processor>\n`;
    const old = convertText(text, { target: '2024.11.08' });
    expect(outcomesOf(old, 'deliver-matched-email')).toEqual(['exact']);
    expect(codesOf(old)).not.toContain('target-too-old');
  });

  it('a list of hosts is turned round for releases that try it from its end, and says so', () => {
    const text = '<domain d.test>\nsmtp-hosts [192.0.2.9]:25,[192.0.2.10]:25\n</domain>\n';
    const note = (target: string) => notesOf(convertText(text, { target }), 'smtp-hosts')[0] ?? '';
    expect(note('2025.10.06')).toContain('before you run a newer one');
    expect(note('2025.12.02')).not.toContain('before you run a newer one');
  });
});
