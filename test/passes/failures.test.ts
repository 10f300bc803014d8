import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { loadTree } from '../../src/kumo/runtime/load-tree';
import type { DeliveryResult } from '../../src/kumo/runtime/messages';
import { type ConvertOptions, DEFAULT_OPTIONS } from '../../src/passes/pass';
import { type Converted, convertText } from '../support/converted';
import { mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const FEED = '<source 10/8>\n  always-allow-relaying yes\n  process-x-virtual-mta yes\n</source>\n';
const VMTAS =
  '<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.net\n</virtual-mta>\n' +
  '<virtual-mta v2>\n  smtp-source-host 192.0.2.2 b.example.net\n  <domain *>\n    bounce-upon-5xx-greeting no\n' +
  '  </domain>\n</virtual-mta>\n';
const domain = (name: string, ...lines: string[]) => `<domain ${name}>\n  ${lines.join('\n  ')}\n</domain>\n`;

/** Texts of KumoMTA (crates/kumod/src/ready_queue.rs, smtp_dispatcher.rs). */
const CONNECT = '400 KumoMTA internal: failed to connect to any candidate hosts: ';
const greeting = (code: number, address = '192.0.2.9') =>
  `connect to ${address}:25 and read initial banner: Command rejected Response { code: ${code}, enhanced_code: ` +
  'Some(EnhancedStatusCode { class: 5, subject: 7, detail: 1 }), content: "no \\"service\\" for you", command: None }';
const REFUSED = 'connect to 192.0.2.8:25 and read initial banner: Connection refused (os error 111)';
const SILENT =
  '421 4.4.2 KumoMTA internal: failed to send message to v1->mx.d.test@smtp_client Some(mx.d.test./192.0.2.9): ' +
  'Timed Out waiting 600s for response to Some(DataDot)';

const MX = (name: string) => {
  if (name === 'bare.test') return 'no-mx-record';
  if (name === 'gone.test') return 'nxdomain';
  return name === 'broken-dns.test' ? undefined : { hosts: [`mx.${name}`] };
};

async function ask(
  input: string,
  body: (tree: LoadedTree, converted: Converted) => void,
  options: Partial<ConvertOptions> = {},
): Promise<void> {
  const converted = convertText(FEED + VMTAS + input, options);
  const { installDir, target } = { ...DEFAULT_OPTIONS, ...options };
  const tree = await loadTree(converted.files, { installDir, target, mx: MX });
  try {
    body(tree, converted);
    expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  } finally {
    tree.close();
  }
}

/** `250 text`, `550 text`, or `retried`. */
const told = ({ reply, rejected }: DeliveryResult) => {
  if (rejected !== undefined) return `${rejected.code} ${rejected.message}`;
  return reply === undefined ? 'retried' : `250 ${reply}`;
};
const failed = (tree: LoadedTree, response: string, recipient = 'you@d.test', vmta = 'v1') =>
  told(tree.deliver({ ...mailWith([['X-Virtual-MTA', vmta]]), recipient, response }));
const sent = (tree: LoadedTree, recipient: string) => told(tree.deliver(mail({ recipient })));

describe('bounce-upon-5xx-greeting (M5 3.3.10.61)', () => {
  const INPUT = domain('*', 'bounce-upon-5xx-greeting yes') + domain('kept.test', 'bounce-upon-5xx-greeting no');

  it('bounces with the code and the text of the greeting, whichever host gave it', () =>
    ask(INPUT, (tree) => {
      const bounce = '554 5.3.2 greeting: no \\"service\\" for you';
      expect(failed(tree, CONNECT + greeting(554))).toBe(bounce);
      expect(failed(tree, `${CONNECT}${REFUSED}, ${greeting(554)}`)).toBe(bounce);
      expect(failed(tree, `${CONNECT}${greeting(554)}, ${REFUSED}`)).toBe(bounce);
    }));

  it('retries after a 4xx greeting, a refused connection, and a 5xx that is no greeting', () =>
    ask(INPUT, (tree) => {
      expect(failed(tree, CONNECT + greeting(421))).toBe('retried');
      expect(failed(tree, CONNECT + REFUSED)).toBe('retried');
      const ehlo = '192.0.2.9:25: EHLO after banner: Command rejected Response { code: 550, enhanced_code: None, ';
      expect(failed(tree, `${CONNECT}${ehlo}content: "no", command: Some("EHLO a.example.net\\r\\n") }`)).toBe(
        'retried',
      );
    }));

  it('follows the domain, and the virtual-mta before the domain (M5 3.3.13.2)', () =>
    ask(INPUT, (tree, converted) => {
      expect(failed(tree, CONNECT + greeting(554), 'you@kept.test')).toBe('retried');
      expect(failed(tree, CONNECT + greeting(554), 'you@d.test', 'v2')).toBe('retried');
      expect(outcomesOf(converted, 'bounce-upon-5xx-greeting')).toEqual(['exact', 'approximate', 'exact']);
    }));

  it('writes nothing for PowerMTA’s default, nor for what KumoMTA does by itself', () =>
    ask(domain('*', 'bounce-upon-5xx-greeting no'), (tree, converted) => {
      expect(failed(tree, CONNECT + greeting(554))).toBe('retried');
      expect(converted.files.get('init.lua')).not.toContain('requeue_message');
      expect(outcomesOf(converted, 'bounce-upon-5xx-greeting')).toEqual(['implicit', 'implicit']);
    }));

  it('works with the arguments of releases before 2026.03.04, beside a retry list', () =>
    ask(
      domain('*', 'bounce-upon-5xx-greeting yes', 'retry-after 5m,20m,1h'),
      (tree) => {
        expect(failed(tree, CONNECT + greeting(554))).toMatch(/^554 /);
        const spec = { ...mail(), attempts: 1, response: '451 4.3.2 later' };
        const wait = Date.parse(tree.requeue(spec).firstAttempt ?? '') - Date.now();
        expect(Math.round(wait / 60_000)).toBe(20);
      },
      { target: '2025.05.06' },
    ));
});

describe('bounce-upon-no-mx (M5 3.3.10.60)', () => {
  it('bounces mail for a domain without MX records, and for one that does not exist', () =>
    ask(domain('*', 'bounce-upon-no-mx yes'), (tree, converted) => {
      const bounce = '550 5.4.4 the domain has no MX record';
      expect(sent(tree, 'you@bare.test')).toBe(bounce);
      expect(sent(tree, 'you@gone.test')).toBe(bounce);
      expect(outcomesOf(converted, 'bounce-upon-no-mx')).toEqual(['approximate']);
    }));

  it('sends where there are records, to address literals, and while DNS does not answer', () =>
    ask(domain('*', 'bounce-upon-no-mx yes'), (tree) => {
      expect(['you@d.test', 'you@broken-dns.test', 'you@[192.0.2.7]'].map((to) => sent(tree, to))).toEqual(
        Array(3).fill('retried'),
      );
    }));

  it('leaves pool and age of such a queue as they are, and asks again each minute', () =>
    ask(domain('*', 'bounce-upon-no-mx yes', 'bounce-after 2d'), (tree) => {
      const queue = tree.queueConfig('bare.test', 'v1');
      expect(queue).toMatchObject({ egress_pool: 'v1', max_age: '2d', refresh_strategy: 'Ttl' });
      expect(tree.queueConfig('d.test', 'v1')).toMatchObject({ egress_pool: 'v1', refresh_strategy: 'Epoch' });
    }));

  it('counts for the domains that say so only', () =>
    ask(domain('*', 'bounce-upon-no-mx yes') + domain('bare.test', 'bounce-upon-no-mx never'), (tree, converted) => {
      expect(sent(tree, 'you@bare.test')).toBe('retried');
      expect(sent(tree, 'you@gone.test')).toMatch(/^550 /);
      expect(outcomesOf(converted, 'bounce-upon-no-mx')).toEqual(['approximate', 'exact']);
    }));

  it('has no effect with smtp-hosts', () =>
    ask(domain('bare.test', 'bounce-upon-no-mx yes', 'smtp-hosts [192.0.2.50]'), (tree, converted) => {
      expect(sent(tree, 'you@bare.test')).toBe('retried');
      expect(outcomesOf(converted, 'bounce-upon-no-mx')).toEqual(['implicit']);
    }));

  it('leaves fixed hosts alone where everything else bounces', () =>
    ask(domain('*', 'bounce-upon-no-mx yes') + domain('bare.test', 'smtp-hosts [192.0.2.50]'), (tree) => {
      expect(sent(tree, 'you@bare.test')).toBe('retried');
    }));

  it('after a time is left to a person', () =>
    ask(domain('*', 'bounce-upon-no-mx 4h'), (_, converted) => {
      expect(outcomesOf(converted, 'bounce-upon-no-mx')).toEqual(['manual']);
      expect(notesOf(converted, 'bounce-upon-no-mx')[0]).toMatch(/how long/);
    }));
});

describe('assume-delivery-upon-data-termination-timeout (M5 3.3.10.91)', () => {
  const INPUT = domain('*', 'assume-delivery-upon-data-termination-timeout yes', 'max-msg-rate 10/h');
  const TAKEN = '250 2.0.0 no reply to the end of the data, taken for delivered';

  it('logs a delivery when the final reply does not come, of the same tenant', () =>
    ask(INPUT, (tree, converted) => {
      const spec = { ...mailWith([['X-Virtual-MTA', 'v1']]), response: SILENT };
      expect(told(tree.deliver(spec))).toBe(TAKEN);
      expect(tree.requeue(spec)).toMatchObject({ queue: 'v1@pmta-assumed', pool: 'v1' });
      expect(outcomesOf(converted, 'assume-delivery-upon-data-termination-timeout')).toEqual(['approximate']);
    }));

  it('knows the text of the oldest release, too', () =>
    ask(INPUT, (tree) => expect(failed(tree, SILENT.replace('KumoMTA internal: ', ''))).toBe(TAKEN), {
      target: '2024.11.08',
    }));

  it('retries when another command timed out, and when a server writes such a text', () =>
    ask(INPUT, (tree) => {
      expect(failed(tree, SILENT.replace('DataDot', 'Data'))).toBe('retried');
      expect(failed(tree, `${SILENT} or so`)).toBe('retried');
    }));

  it('tries no other host at once, which would be a second delivery', () =>
    ask(
      domain('*', 'smtp-421-means-mx-unavailable yes') +
        domain('sure.test', 'assume-delivery-upon-data-termination-timeout yes') +
        '<virtual-mta v3>\n  smtp-source-host 192.0.2.3 c.example.net\n' +
        domain('*', 'assume-delivery-upon-data-termination-timeout yes') +
        '</virtual-mta>\n',
      (tree, converted) => {
        const goesOn = (name: string, source: string) =>
          tree.egressPath(name, source)['try_next_host_on_transport_error'] === true;
        expect([goesOn('d.test', 'v1'), goesOn('sure.test', 'v1')]).toEqual([true, false]);
        expect([goesOn('d.test', 'v3'), goesOn('sure.test', 'v3')]).toEqual([false, false]);
        expect(outcomesOf(converted, 'smtp-421-means-mx-unavailable')).toEqual(['approximate']);
        expect(notesOf(converted, 'smtp-421-means-mx-unavailable')[0]).toContain('as a duplicate');
        expect(outcomesOf(converted, 'assume-delivery-upon-data-termination-timeout')).toEqual([
          'approximate',
          'approximate',
        ]);
      },
    ));

  it('writes no next host at all where both hold for everybody', () =>
    ask(
      domain('*', 'smtp-421-means-mx-unavailable yes', 'assume-delivery-upon-data-termination-timeout yes'),
      (_, converted) => expect(converted.files.get('shaping.toml')).not.toContain('try_next_host'),
    ));

  it('does not hold the logging back by the limits for destinations', () =>
    ask(INPUT, (tree) => {
      expect(tree.egressPath('d.test', 'v1')['max_message_rate']).toMatch(/^10\/h/);
      expect(tree.egressPath('pmta-assumed', 'v1')['max_message_rate']).toBe('1000000/s');
    }));
});

describe('bounce-upon-transfer-failure (M5 3.3.10.63)', () => {
  const INPUT = domain('d.test', 'bounce-upon-transfer-failure yes');
  const lost = (what: string) => `400 KumoMTA internal: failed to send message: ${what}`;

  it('bounces when the connection broke in the data', () =>
    ask(INPUT, (tree) => {
      expect(failed(tree, lost('Timed Out sending message payload data'))).toMatch(/^550 5\.4\.2 /);
      expect(failed(tree, lost('Error Connection reset by peer (os error 104) writing NONE'))).toMatch(/^550 5\.4\.2 /);
      expect(failed(tree, lost('Error early eof reading response to cmd=.'))).toMatch(/^550 5\.4\.2 /);
    }));

  it('retries when it broke before, and elsewhere', () =>
    ask(INPUT, (tree) => {
      expect(failed(tree, lost('Error early eof reading response to cmd=RCPT TO:<you@d.test>'))).toBe('retried');
      expect(failed(tree, lost('Timed Out sending message payload data'), 'you@other.test')).toBe('retried');
    }));

  it('needs the texts of 2025.12.02', () =>
    ask(INPUT, (_, converted) => expect(outcomesOf(converted, 'bounce-upon-transfer-failure')).toEqual(['manual']), {
      target: '2025.10.06',
    }));
});
