import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import { DEFAULT_OPTIONS } from '../../src/passes/pass';
import { convertText } from '../support/converted';
import { askTree, notesOf, outcomesOf } from '../support/tree';

const NOW = 1_790_000_000;

const CONFIG = `
<source 127.0.0.1>
  always-allow-relaying yes
</source>
<smtp-pattern-list slow>
  reply /too many/ mode=backoff
  reply /gone/ bounce-rcpt
</smtp-pattern-list>
<domain *>
  retry-after 10m
</domain>
<domain limited.example>
  smtp-pattern-list slow
  backoff-retry-after 30m,2h
</domain>
<domain moved.example>
  queue-to shared.queue
</domain>
<domain shared.queue>
  smtp-pattern-list slow
  backoff-retry-after 3h
</domain>
`;

describe('backoff-retry-after (M5 3.3.10.40)', () => {
  const wait = async (recipient: string, response: string, attempts: number): Promise<number | undefined> => {
    const { files } = convertText(CONFIG);
    const tree = await loadTree(files, { installDir: DEFAULT_OPTIONS.installDir, now: NOW });
    const result = tree.requeue({
      peer: '127.0.0.1',
      sender: 'a@sender.example',
      recipient,
      headers: [['From', 'a@sender.example']],
      response,
      attempts,
    });
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    tree.close();
    return result.firstAttempt === undefined ? undefined : Date.parse(result.firstAttempt) / 1000 - NOW;
  };

  it('waits as the list says after a reply that causes the backoff, the last item again and again', async () => {
    expect(await wait('b@limited.example', '421 4.7.0 Too many messages', 0)).toBe(1800);
    expect(await wait('b@limited.example', '421 4.7.0 Too many messages', 1)).toBe(7200);
    expect(await wait('b@limited.example', '421 4.7.0 Too many messages', 5)).toBe(7200);
  });

  it('leaves other replies, other domains and other actions to the ordinary interval', async () => {
    expect(await wait('b@limited.example', '451 4.3.0 please come back', 0)).toBeUndefined();
    expect(await wait('b@other.example', '421 4.7.0 Too many messages', 0)).toBeUndefined();
    expect(await wait('b@limited.example', '450 4.2.1 gone', 0)).toBeUndefined();
  });

  it('takes the list of the queue that queue-to puts the mail into', async () => {
    expect(await wait('b@moved.example', '421 4.7.0 Too many messages', 0)).toBe(10_800);
  });

  it('names no domain that waits as all do', () => {
    const { files } = convertText(`${CONFIG}<domain *>
  smtp-pattern-list slow
  backoff-retry-after 30m,2h
</domain>
`);
    expect(files.get('pmta.lua')).toContain("'default'");
    expect(files.get('pmta.lua')).not.toContain('limited.example');
  });

  it.each([
    ['has no list', 'smtp-pattern-list ""'],
    ['has a list that nobody wrote', 'smtp-pattern-list other'],
    ['has shorter waits than without backoff', 'retry-after 4h\n  backoff-retry-after 1h'],
  ])('does not take the waits of a wider queue where the queue %s', async (_, lines) => {
    const input = `${CONFIG.replace('retry-after 10m', 'smtp-pattern-list slow\n  backoff-retry-after 3h')}
<domain own.example>
  ${lines}
</domain>
`;
    await askTree(input, (tree) => {
      const wait = (recipient: string) =>
        tree.requeue({
          peer: '127.0.0.1',
          sender: 'a@sender.example',
          recipient,
          headers: [['From', 'a@sender.example']],
          response: '421 4.7.0 Too many messages',
          attempts: 0,
        }).firstAttempt;
      expect(wait('b@any.example')).toBeDefined();
      expect(wait('b@own.example')).toBeUndefined();
    });
  });
});

describe('backoff-retry-after below a retry-after of its own', () => {
  const list = '<smtp-pattern-list slow>\n  reply /too many/ mode=backoff\n</smtp-pattern-list>\n';
  const all = '<domain *>\n  smtp-pattern-list slow\n  backoff-retry-after 30m,2h\n  retry-after 10m\n</domain>\n';
  const vmta = (name: string, last: number, inside: string) =>
    `<virtual-mta ${name}>\n  smtp-source-host 192.0.2.${last} ${name}.example.net\n${inside}</virtual-mta>\n`;
  const waits = (domain: string, time: string) => `<domain ${domain}>\n  retry-after ${time}\n</domain>\n`;
  const noteOf = (text: string) => notesOf(convertText(text), 'backoff-retry-after')[0];

  it('names a virtual-mta that inherits the line and is retried later', () => {
    const text = list + all + vmta('v1', 1, waits('*', '4h')) + vmta('v2', 2, waits('*', '20m'));
    expect(noteOf(text)).toContain('Mail of virtual-mta v1 waits longer');
    expect(noteOf(text)).toContain('can put an attempt off, not forward');
    expect(noteOf(text + vmta('v3', 3, waits('d.example', '3h')))).toContain('of virtual-mta v1 (and 1 more) waits');
  });

  it('names a domain that inherits the line and is retried later', () =>
    expect(noteOf(list + all + waits('d.example', '1h'))).toContain('Mail to d.example waits longer'));

  it('says nothing where every wait can be kept', () => {
    const text = list + all + vmta('v2', 2, waits('*', '20m')) + waits('d.example', '30m');
    expect(noteOf(text)).not.toContain('not forward');
  });

  it('says nothing of a virtual-mta without the list', () => {
    const own = '<domain *>\n  smtp-pattern-list ""\n  retry-after 4h\n</domain>\n';
    expect(noteOf(list + all + vmta('v1', 1, own))).not.toContain('not forward');
  });
});

describe('backoff lines that cannot count', () => {
  const list = '<smtp-pattern-list slow>\n  reply /too many/ mode=backoff\n</smtp-pattern-list>\n';
  const domain = (...lines: string[]) => `<domain d.example>\n  ${lines.join('\n  ')}\n</domain>\n`;

  it('for a list that is not in the files, a person has to look for it', () => {
    const converted = convertText(domain('smtp-pattern-list lost', 'backoff-retry-after 2h'));
    expect(outcomesOf(converted, 'backoff-retry-after')).toEqual(['manual']);
    expect(notesOf(converted, 'backoff-retry-after')[0]).toContain('lost');
  });

  it('in a pool all of whose members say so themselves', () => {
    const own = domain('smtp-pattern-list slow', 'backoff-retry-after 2h');
    const text = `${list}<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n${own}</virtual-mta>\n`;
    const pool = `<virtual-mta-pool p>\n  virtual-mta v1\n${own.replace('2h', '3h')}</virtual-mta-pool>\n`;
    expect(outcomesOf(convertText(text + pool), 'backoff-retry-after')).toEqual(['approximate', 'implicit']);
  });
});
