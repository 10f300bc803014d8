import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import { type LogRecord, writtenRecord } from '../../src/kumo/runtime/log-record';
import { askTree, mailWith, notesOf, outcomesOf, secondsOf } from '../support/tree';

const lines = (...all: string[]) => `${all.join('\n')}\n`;
const file = (...inside: string[]) => lines('<acct-file /var/log/pmta/acct.csv>', ...inside, '</acct-file>');

/** The line that the first log of a tree writes for a record, without its line end. */
function lineOf(tree: LoadedTree, record: LogRecord, index = 0): string | undefined {
  return writtenRecord(tree.logs[index] ?? {}, record)?.line.slice(0, -1);
}

function headerOf(tree: LoadedTree, type: string, index = 0): string | undefined {
  return writtenRecord(tree.logs[index] ?? {}, { ...FEEDBACK, type })?.header;
}

// 2019-02-08 21:54:05 UTC, and 95 seconds before
const LOGGED = 1549662845;
const QUEUED = LOGGED - 95;

/** What KumoMTA keeps of a message that came in by SMTP from 10.9.8.7, for the job j1. */
const META = {
  authn_id: 'feeder',
  campaign: 'j1',
  ehlo_domain: 'feed.example',
  received_from: '10.9.8.7:40123',
  received_via: '10.9.0.1:25',
  tenant: 'v1',
  x_pmta_envid: 'env-1',
};

const DELIVERY: LogRecord = {
  type: 'Delivery',
  id: '1d98076abbbc11ed940250ebf67f93bd',
  sender: 'bounce@shop.test',
  recipient: 'you@d.test',
  queue: 'j1:v1@d.test',
  site: 'v1->d.test@smtp_client',
  size: 1047,
  response: { code: 250, enhanced_code: { class: 2, subject: 0, detail: 0 }, content: 'OK id=1', command: '.' },
  peer_address: { name: 'mx1.d.test.', addr: '192.0.2.25' },
  timestamp: LOGGED,
  created: QUEUED,
  num_attempts: 0,
  bounce_classification: 'Uncategorized',
  egress_pool: 'v1',
  egress_source: 'v1',
  source_address: { address: '10.1.2.3:53210', server: null, protocol: null },
  feedback_report: null,
  meta: META,
  headers: {},
  delivery_protocol: 'ESMTP',
  reception_protocol: 'ESMTP',
  nodeid: '557f3ad4-2c8c-11ee-976e-782d7e12e173',
  tls_cipher: 'TLS_AES_256_GCM_SHA384',
  tls_protocol_version: 'TLSv1.3',
};

const BOUNCE: LogRecord = {
  ...DELIVERY,
  type: 'Bounce',
  response: {
    code: 550,
    enhanced_code: { class: 5, subject: 1, detail: 1 },
    content: 'no "you" here, sorry\nsee our pages',
    command: 'RCPT TO',
  },
  bounce_classification: 'InvalidRecipient',
};

const TRANSIENT: LogRecord = {
  ...DELIVERY,
  type: 'TransientFailure',
  size: 0,
  response: { code: 421, enhanced_code: null, content: 'too busy', command: null },
  bounce_classification: 'BadConnection',
};

/** Ended without an attempt. */
const EXPIRATION: LogRecord = {
  ...DELIVERY,
  type: 'Expiration',
  response: { code: 551, enhanced_code: { class: 5, subject: 4, detail: 7 }, content: 'too old', command: null },
  peer_address: null,
  egress_pool: null,
  egress_source: null,
  source_address: null,
  delivery_protocol: null,
  bounce_classification: 'MessageExpired',
};

const RECEPTION: LogRecord = {
  ...EXPIRATION,
  type: 'Reception',
  peer_address: { name: 'feed.example', addr: '10.9.8.7' },
  site: '',
};

const OOB: LogRecord = {
  ...RECEPTION,
  type: 'OOB',
  sender: 'bounce@shop.test',
  recipient: 'gone@far.test',
  response: {
    code: 550,
    enhanced_code: { class: 5, subject: 1, detail: 1 },
    content: '5.1.1 no such user',
    command: null,
  },
  peer_address: { name: 'mx.far.test', addr: '10.9.8.7' },
  bounce_classification: 'InvalidRecipient',
};

const FEEDBACK: LogRecord = {
  ...RECEPTION,
  type: 'Feedback',
  feedback_report: {
    feedback_type: 'abuse',
    user_agent: 'SomeGenerator/1.0',
    version: '1',
    original_envelope_id: null,
    original_mail_from: '<bounce@shop.test>',
    reporting_mta: { mta_type: 'dns', name: 'mail.far.test' },
    source_ip: '10.1.2.3',
    original_rcpto_to: ['<you@far.test>'],
    reported_domain: ['shop.test'],
    extensions: { 'removal-recipient': ['you@far.test'] },
    original_message: 'From: news@shop.test\nSubject: Big, big sale\nX-Rcpt: me@far.test\n\nSubject: in the text',
  },
};

describe('accounting files (M5 11.2, 11.3)', () => {
  const vmta = lines('<virtual-mta v1>', '  smtp-source-host 10.1.2.3 v1.shop.test', '</virtual-mta>');
  const categories = lines(
    '<bounce-category-patterns>',
    '  /5\\.1\\.1/ bad-mailbox',
    '  /busy/ bad-connection',
    '  /old/ message-expired',
    '  /mine/ My_Own',
    '  // other',
    '</bounce-category-patterns>',
  );

  it('d, b and t have the columns of the manual, in its order (M5 11.2.2-11.2.4)', () =>
    askTree(vmta + categories + file('records d,b,t'), (tree) => {
      const header =
        'type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,' +
        'dlvType,dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool\n';
      for (const type of ['Delivery', 'Bounce', 'AdminBounce', 'Expiration', 'TransientFailure']) {
        expect(headerOf(tree, type)).toBe(header);
      }
      expect(lineOf(tree, DELIVERY)).toBe(
        'd,2019-02-08 21:54:05+0000,2019-02-08 21:52:30+0000,bounce@shop.test,you@d.test,,relayed,2.0.0,' +
          'smtp;250 2.0.0 OK id=1,mx1.d.test (192.0.2.25),,smtp,feed.example (10.9.8.7),smtp,10.1.2.3,192.0.2.25,,' +
          '1047,v1,j1,env-1,d.test/v1,',
      );
      // Commas and quotes are quoted (RFC 4180), and a record stays on one line.
      expect(lineOf(tree, BOUNCE)).toBe(
        'b,2019-02-08 21:54:05+0000,2019-02-08 21:52:30+0000,bounce@shop.test,you@d.test,,failed,5.1.1,' +
          '"smtp;550 5.1.1 no ""you"" here, sorry see our pages",mx1.d.test (192.0.2.25),bad-mailbox,smtp,' +
          'feed.example (10.9.8.7),smtp,10.1.2.3,192.0.2.25,,1047,v1,j1,env-1,d.test/v1,',
      );
      // A reply without enhanced status: PowerMTA takes the class of its code.
      expect(lineOf(tree, TRANSIENT)).toBe(
        't,2019-02-08 21:54:05+0000,2019-02-08 21:52:30+0000,bounce@shop.test,you@d.test,,delayed,4.0.0,' +
          'smtp;421 too busy,mx1.d.test (192.0.2.25),bad-connection,smtp,feed.example (10.9.8.7),smtp,10.1.2.3,' +
          '192.0.2.25,,,v1,j1,env-1,d.test/v1,',
      );
      // No attempt was made: nothing is known of a delivery.
      expect(lineOf(tree, EXPIRATION)).toBe(
        'b,2019-02-08 21:54:05+0000,2019-02-08 21:52:30+0000,bounce@shop.test,you@d.test,,failed,5.4.7,' +
          'smtp;551 5.4.7 too old,,message-expired,smtp,feed.example (10.9.8.7),,,,,1047,v1,j1,env-1,d.test/v1,',
      );
    }));

  it('r (M5 11.2.6)', () =>
    askTree(vmta + file('records r'), (tree) => {
      expect(headerOf(tree, 'Reception')).toBe(
        'type,timeLogged,orig,rcpt,orcpt,srcType,srcMta,rcvSourceIp,rcvDestinationIp,vmta,jobId,envId,vmtaPool\n',
      );
      expect(lineOf(tree, RECEPTION)).toBe(
        'r,2019-02-08 21:54:05+0000,bounce@shop.test,you@d.test,,smtp,feed.example (10.9.8.7),10.9.8.7,10.9.0.1,' +
          'v1,j1,env-1,',
      );
      const v6 = { ...RECEPTION, meta: { ...META, received_from: '[2001:db8::7]:40123' } };
      expect(lineOf(tree, v6)).toContain('feed.example (2001:db8::7),2001:db8::7,');
      expect(lineOf(tree, DELIVERY)).toBeUndefined();
    }));

  it('tq alone has the columns of queues (M5 11.2.5)', () =>
    askTree(vmta + file('records tq'), (tree) => {
      expect(headerOf(tree, 'TransientFailure')).toBe(
        'type,timeLogged,dsnStatus,dsnDiag,dsnMta,dlvType,dlvSourceIp,dlvDestinationIp,vmta,queue\n',
      );
      expect(lineOf(tree, TRANSIENT)).toBe(
        'tq,2019-02-08 21:54:05+0000,4.0.0,smtp;421 too busy,mx1.d.test (192.0.2.25),smtp,10.1.2.3,192.0.2.25,v1,' +
          'd.test/v1',
      );
    }));

  it('rb (M5 11.2.7), which KumoMTA writes only where receptions are on: those go into files of their own', () =>
    askTree(vmta + categories + file('records rb'), (tree) => {
      const [log = {}] = tree.logs;
      expect(headerOf(tree, 'OOB')).toBe(
        'type,timeLogged,orig,rcpt,orcpt,dsnStatus,dsnDiag,dsnMta,dsnReportingMta,bounceCat,srcType,srcMta,envId\n',
      );
      expect(lineOf(tree, OOB)).toBe(
        'rb,2019-02-08 21:54:05+0000,bounce@shop.test,gone@far.test,,5.1.1,smtp;550 5.1.1 no such user,,' +
          'mx.far.test,bad-mailbox,smtp,feed.example (10.9.8.7),',
      );
      expect(writtenRecord(log, OOB)?.suffix).toBe('.csv.zst');
      expect(writtenRecord(log, RECEPTION)).toEqual({ suffix: '.unused', header: '', line: '\n' });
    }));

  it('f (M5 11.2.8), with headers of the message complained about and fields of the report', () =>
    askTree(
      vmta + file('records f', 'record-fields f *,header_subject,arf_Removal-Recipient,header_X-None'),
      (tree) => {
        expect(headerOf(tree, 'Feedback')).toBe(
          'type,timeLogged,repSourceIp,feedbackType,format,userAgent,envId,orig,rcpt,reportingMta,dlvSourceIp,' +
            'reportedDomain,header_subject,arf_Removal-Recipient,header_X-None\n',
        );
        expect(lineOf(tree, FEEDBACK)).toBe(
          'f,2019-02-08 21:54:05+0000,10.9.0.1,abuse,arf,SomeGenerator/1.0,,bounce@shop.test,you@far.test,' +
            'mail.far.test,10.1.2.3,shop.test,"Big, big sale",you@far.test,',
        );
      },
    ));

  it('rs has no records in KumoMTA', () =>
    askTree(file('records rs'), (tree) => {
      for (const record of [DELIVERY, RECEPTION, FEEDBACK, OOB]) expect(lineOf(tree, record)).toBeUndefined();
    }));

  it('d and b where nothing is said (M5 3.3.11.11)', () =>
    askTree(file(), (tree) => {
      expect(lineOf(tree, DELIVERY)).toMatch(/^d,/);
      for (const type of ['Bounce', 'AdminBounce', 'Expiration'])
        expect(lineOf(tree, { ...BOUNCE, type })).toMatch(/^b,/);
      for (const record of [TRANSIENT, RECEPTION, FEEDBACK]) expect(lineOf(tree, record)).toBeUndefined();
    }));

  it('columns of a type are empty in the lines of another (M5 11.2.9)', () =>
    askTree(
      file(
        'records d, b',
        'record-fields delivery timeLogged,orig,rcpt,dlvSourceIp',
        'record-fields bounce timeLogged,orig,rcpt,bounceCat',
        'iso-times no',
      ),
      (tree, converted) => {
        expect(headerOf(tree, 'Delivery')).toBe('type,timeLogged,orig,rcpt,dlvSourceIp,bounceCat\n');
        expect(lineOf(tree, DELIVERY)).toBe(`d,${LOGGED},bounce@shop.test,you@d.test,10.1.2.3,`);
        // No patterns, no classes: KumoMTA leaves every bounce uncategorized.
        expect(lineOf(tree, BOUNCE)).toBe(`b,${LOGGED},bounce@shop.test,you@d.test,,other`);
        expect(outcomesOf(converted, 'iso-times')).toEqual(['exact']);
        expect(notesOf(converted, '<acct-file>')[0]).toMatch(/bounceCat is always other/);
      },
    ));

  it('* with more and with less, in the order asked for (M5 3.3.11.12)', () =>
    askTree(
      file('records t,r', 'record-fields t jobId,*,!orcpt,!rcpt,dlvTlsProtocol', 'record-fields r ORIG,type,Nonsense'),
      (tree, converted) => {
        expect(headerOf(tree, 'TransientFailure')).toBe(
          'type,jobId,timeLogged,timeQueued,orig,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,' +
            'dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,envId,queue,vmtaPool,dlvTlsProtocol,Nonsense\n',
        );
        expect(lineOf(tree, RECEPTION)).toBe('r,,,,bounce@shop.test,,,,,,,,,,,,,,,,,,');
        expect(notesOf(converted, 'record-fields')).toEqual([
          'KumoMTA has no value for dlvEsmtpAvailable: empty.',
          'KumoMTA has no value for Nonsense: empty.',
        ]);
      },
    ));

  it('header columns whatever their case in the message, and headers in the place of a column (M5 3.3.11.10)', () =>
    askTree(
      file(
        'records d,b',
        'record-fields d rcpt,header_x-stream,header_X-Many',
        'map-header-to-field d header_x-bar rcpt',
        'map-header-to-field d header_x-baz rcpt',
        'map-header-to-field r header_x-baz rcpt',
      ),
      (tree, converted) => {
        const withHeaders = (headers: LogRecord['headers']) =>
          lineOf(tree, { ...DELIVERY, ...(headers && { headers }) });
        const cells = (headers: LogRecord['headers']) => withHeaders(headers)?.split(',').slice(0, 4);
        expect(cells({})).toEqual(['d', 'you@d.test', '', '']);
        expect(cells({ 'X-Stream': 's1', 'x-many': ['one', 'two'] })).toEqual(['d', 'you@d.test', 's1', 'one']);
        expect(cells({ 'X-Baz': 'baz@x' })?.[1]).toBe('baz@x');
        expect(cells({ 'X-Baz': 'baz@x', 'X-Bar': 'bar@x' })?.[1]).toBe('bar@x');
        expect(outcomesOf(converted, 'map-header-to-field')).toEqual(['exact', 'exact', 'implicit']);
      },
    ));

  it('user-string where its column is asked for; nothing in it becomes code (M5 3.3.11.8)', async () => {
    const text = '{{ id }}{% if %}"},\\n{%';
    await askTree(file('records d', `user-string ${text}`, 'record-fields d userString,orig'), (tree, converted) => {
      expect(headerOf(tree, 'Delivery')).toBe('type,userString,orig\n');
      expect(lineOf(tree, DELIVERY)).toBe(`d,"${text.replaceAll('"', '""')}",bounce@shop.test`);
      expect(outcomesOf(converted, 'user-string')).toEqual(['exact']);
    });
    await askTree(file('user-string x'), (_, converted) =>
      expect(outcomesOf(converted, 'user-string')).toEqual(['implicit']),
    );
  });

  it('names of headers are no code either', () =>
    askTree(
      file('records d', 'record-fields d orig,header_a{{b}},header_x"y,arf_z', 'iso-times yes'),
      (tree, converted) => {
        expect(lineOf(tree, DELIVERY)).toBe('d,bounce@shop.test,,,');
        expect(outcomesOf(converted, 'iso-times')).toEqual(['approximate']);
      },
    ));

  it('categories have PowerMTA’s names again, those of the user as well', () =>
    askTree(categories + file('records b', 'record-fields b bounceCat'), (tree) => {
      const category = (name: string) => lineOf(tree, { ...BOUNCE, bounce_classification: name });
      expect(category('InvalidRecipient')).toBe('b,bad-mailbox');
      expect(category('NoAnswerFromHost')).toBe('b,no-answer-from-host');
      expect(category('Uncategorized')).toBe('b,other');
      expect(category('MyOwn')).toBe('b,My_Own');
    }));

  it('classes that only KumoMTA’s own rules know are other', () =>
    askTree(
      lines('<bounce-category-patterns>', '/x/ spam-related', '</bounce-category-patterns>') +
        file('records b', 'record-fields b bounceCat'),
      (tree) => {
        expect(lineOf(tree, { ...BOUNCE, bounce_classification: 'DNSFailure' })).toBe('b,other');
        expect(lineOf(tree, { ...BOUNCE, bounce_classification: 'QuotaIssues' })).toBe('b,quota-issues');
      },
    ));

  it('virtual-mtas are named without their address, and pools where the mail went to one', () =>
    askTree(
      lines(
        '<virtual-mta v2>',
        '  smtp-source-host 10.1.2.4 a.test',
        '  smtp-source-host 10.1.2.5 a.test',
        '</virtual-mta>',
        '<virtual-mta-pool p>',
        '  virtual-mta v2',
        '</virtual-mta-pool>',
      ) + file('records d', 'record-fields d vmta,vmtaPool,queue'),
      (tree) => {
        const source = 'v2#10.1.2.4';
        const record = { ...DELIVERY, egress_source: source, egress_pool: 'p', queue: 'p@d.test!mx.d.test' };
        expect(lineOf(tree, record)).toBe('d,v2,p,d.test/v2');
        expect(lineOf(tree, { ...record, egress_pool: 'v2' })).toBe('d,v2,,d.test/v2');
      },
    ));

  it('redacts local parts (M5 3.3.11.16)', () =>
    askTree(
      file('records d,f', 'record-fields d orig,rcpt,dsnDiag', 'record-fields f rcpt', 'privacy-policy redact "X"'),
      (tree, converted) => {
        const record = {
          ...DELIVERY,
          sender: 'b-you=d.test@shop.test',
          response: { code: 250, enhanced_code: null, content: 'taken for you@d.test', command: null },
        };
        expect(lineOf(tree, record)).toBe('d,b-X=d.test@shop.test,X@d.test,smtp;250 taken for X@d.test');
        expect(lineOf(tree, FEEDBACK)).toBe('f,,X@far.test,');
        expect(outcomesOf(converted, 'privacy-policy')).toEqual(['approximate']);
      },
    ));

  it('hides what it cannot hash, and keeps the key to itself', () =>
    askTree(file('records d', 'record-fields d rcpt', 'privacy-policy siphash "s3cret"'), (tree, converted) => {
      expect(lineOf(tree, DELIVERY)).toBe('d,...@d.test');
      expect(outcomesOf(converted, 'privacy-policy')).toEqual(['manual']);
      expect([...converted.files.values()].join('')).not.toContain('s3cret');
    }));

  it('--acct-format json leaves KumoMTA’s own records', () =>
    askTree(
      file('records d,rb', 'record-fields d *,header_X-Stream'),
      (tree, converted) => {
        expect(lineOf(tree, { ...DELIVERY, headers: { 'x-stream': 's' } })).toMatch(
          /^\{"type":"Delivery".*"x-stream":"s"/,
        );
        expect(lineOf(tree, OOB)).toMatch(/^\{"type":"OOB"/);
        expect(lineOf(tree, BOUNCE)).toBeUndefined();
        expect(converted.files.has('pmta.lua')).toBe(false);
      },
      { acctFormat: 'json' },
    ));
});

describe('queue-filter (M5 3.3.11.5)', () => {
  const vmtas = ['v1', 'v2'].map((name, i) =>
    lines(`<virtual-mta ${name}>`, `  smtp-source-host 10.1.2.${i + 3} ${name}.test`, '</virtual-mta>'),
  );
  const source = lines(
    '<source 10.0.0.0/8>',
    '  always-allow-relaying yes',
    '  process-x-virtual-mta yes',
    '  smtp-service yes',
    '</source>',
  );
  const base = `smtp-listener 0/0:25\n${source}${vmtas.join('')}`;
  const isLogged = (tree: LoadedTree, recipient: string, vmta?: string) =>
    tree.isLogged(
      String(tree.logs[0]?.['filter_event']),
      mailWith(vmta === undefined ? [] : [['X-Virtual-MTA', vmta]], { recipient }),
    );

  it('takes the first that fits; without a virtual-mta it means {default}; what fits none is not recorded', () =>
    askTree(base + file('queue-filter a.test/v1,![*.]b.test/*,*.c.test/V2,!*/v1,d.test'), (tree, converted) => {
      expect(isLogged(tree, 'x@a.test', 'v1')).toBe(true);
      expect(isLogged(tree, 'x@A.test', 'V1')).toBe(true);
      expect(isLogged(tree, 'x@a.test', 'v2')).toBe(false);
      expect(isLogged(tree, 'x@b.test', 'v2')).toBe(false);
      expect(isLogged(tree, 'x@sub.c.test', 'v2')).toBe(true);
      expect(isLogged(tree, 'x@c.test', 'v2')).toBe(false);
      expect(isLogged(tree, 'x@d.test')).toBe(true);
      expect(isLogged(tree, 'x@d.test', 'v1')).toBe(false);
      expect(outcomesOf(converted, 'queue-filter')).toEqual(['exact']);
    }));

  it('holds for records that belong to a queue only', () =>
    askTree(
      base + file('records d,r', 'queue-filter a.test/*', 'record-fields d orig', 'record-fields r rcpt'),
      (tree) => {
        expect(tree.logs.map((log) => log['filter_event'])).toEqual(['pmta_acct_acct', undefined]);
        expect(lineOf(tree, DELIVERY)).toBe('d,bounce@shop.test,');
        expect(lineOf(tree, RECEPTION)).toBeUndefined();
        expect(lineOf(tree, RECEPTION, 1)).toBe('r,,you@d.test');
        expect(headerOf(tree, 'Reception', 1)).toBe('type,orig,rcpt\n');
      },
    ));
});

describe('disable-acct-records (M5 3.3.10.9)', () => {
  const FEED = lines('<source 10/8>', 'always-allow-relaying yes', 'process-x-virtual-mta yes', '</source>');
  const domain = (name: string, value: string) =>
    lines(`<domain ${name}>`, `disable-acct-records ${value}`, '</domain>');
  const vmta = (inside: string) =>
    lines('<virtual-mta v1>', 'smtp-source-host 192.0.2.1 a.test') + inside + lines('</virtual-mta>');

  /** Whether a record of this type is written for mail to a recipient. */
  const isWritten = (tree: LoadedTree, type: string, recipient: string, name?: string) =>
    tree.logs.some((log) => {
      if (writtenRecord(log, { ...DELIVERY, type }) === undefined) return false;
      const event = log['filter_event'];
      const headers = name === undefined ? [] : ([['X-Virtual-MTA', name]] as const);
      return event === undefined || tree.isLogged(String(event), mailWith(headers, { recipient }));
    });

  it('leaves out the types of the queue, the most special line counts, and that of the virtual-mta first', () =>
    askTree(
      FEED +
        vmta(domain('d.test', '""')) +
        domain('*', 't') +
        domain('*.corp.test', 'd,b') +
        domain('in.corp.test', '""') +
        domain('d.test', 'd') +
        file('records d,b,t'),
      (tree, converted) => {
        const types = (recipient: string, name?: string) =>
          ['Delivery', 'Bounce', 'TransientFailure'].map((type) => isWritten(tree, type, recipient, name));
        expect(types('x@any.test')).toEqual([true, true, false]);
        expect(types('x@a.corp.test')).toEqual([false, false, true]);
        expect(types('x@in.corp.test')).toEqual([true, true, true]);
        expect(types('x@d.test')).toEqual([false, true, true]);
        expect(types('x@d.test', 'v1')).toEqual([true, true, true]);
        expect(types('x@any.test', 'v1')).toEqual([true, true, false]);
        expect(outcomesOf(converted, 'disable-acct-records')).toEqual(['exact', 'exact', 'exact', 'exact', 'exact']);
      },
    ));

  it('counts beside a queue-filter, and for records of a queue only', () =>
    askTree(FEED + domain('a.test', 'd') + file('records d,b,r', 'queue-filter a.test/*,b.test/*'), (tree) => {
      expect(isWritten(tree, 'Delivery', 'x@a.test')).toBe(false);
      expect(isWritten(tree, 'Bounce', 'x@a.test')).toBe(true);
      expect(isWritten(tree, 'Delivery', 'x@b.test')).toBe(true);
      expect(isWritten(tree, 'Delivery', 'x@c.test')).toBe(false);
      expect(isWritten(tree, 'Bounce', 'x@c.test')).toBe(false);
      expect(isWritten(tree, 'Reception', 'x@c.test')).toBe(true);
    }));

  it('t and tq are one record in KumoMTA, and types that no file has need nothing', async () => {
    await askTree(FEED + domain('a.test', 't') + domain('b.test', 't,tq') + file('records t,tq'), (tree, converted) => {
      expect(isWritten(tree, 'TransientFailure', 'x@a.test')).toBe(true);
      expect(isWritten(tree, 'TransientFailure', 'x@b.test')).toBe(false);
      expect(outcomesOf(converted, 'disable-acct-records')).toEqual(['approximate', 'exact']);
    });
    await askTree(FEED + domain('a.test', 't') + file('records d'), (tree, converted) => {
      expect(tree.logs.map((log) => log['filter_event'])).toEqual([undefined]);
      expect(outcomesOf(converted, 'disable-acct-records')).toEqual(['implicit']);
    });
  });
});

describe('files of records', () => {
  it('each has its own, with the limits asked for, below the one directory that KumoMTA may write to', () =>
    askTree(
      file('records d', 'max-size 200M', 'move-interval 5m') +
        file('records b').replace('acct.csv', 'sub/acct.CSV') +
        lines('<acct-file |/usr/local/bin/feed --key s3cret>', '  records t,f', '</acct-file>'),
      (tree, converted) => {
        const dirs = tree.logs.map((log) => log['log_dir']);
        expect(dirs).toEqual(['/var/log/kumomta/acct', '/var/log/kumomta/acct-2', '/var/log/kumomta/feed']);
        expect(tree.logs[0]?.['max_file_size']).toBe(200 * 1024 * 1024);
        expect(secondsOf(tree.logs[0]?.['max_segment_duration'])).toBe(300);
        expect(outcomesOf(converted, '<acct-file>')).toEqual(['approximate', 'approximate', 'manual']);
        const { systemFiles } = converted.conversion.policy;
        const texts = systemFiles.map(({ path, content }) => `${path}\n${content}`).join('');
        expect(texts).not.toContain('s3cret');
        expect(systemFiles.map(({ path }) => path)).toEqual([
          // 8 days where nothing is said (M5 3.3.11.1)
          '/etc/tmpfiles.d/kumomta-acct.conf',
          '/etc/tmpfiles.d/kumomta-acct-2.conf',
          '/usr/local/sbin/kumomta-feed',
          '/etc/systemd/system/kumomta-feed.service',
        ]);
        expect(systemFiles[0]?.content).toBe('e /var/log/kumomta/acct - - - 8d\n');
      },
    ));

  it('blocks of one path are one file, in which the last line of a setting wins', () =>
    askTree(
      file('records d', 'max-size 1M', 'move-interval 5m') + file('records b', 'max-size 2M'),
      (tree, converted) => {
        expect(tree.logs).toHaveLength(1);
        expect(tree.logs[0]).toMatchObject({ log_dir: '/var/log/kumomta/acct', max_file_size: 2_097_152 });
        expect(secondsOf(tree.logs[0]?.['max_segment_duration'])).toBe(300);
        expect(lineOf(tree, { ...DELIVERY, type: 'Bounce' })).toMatch(/^b,/);
        expect(lineOf(tree, DELIVERY)).toBeUndefined();
        expect(outcomesOf(converted, 'records')).toEqual(['implicit', 'approximate']);
        expect(outcomesOf(converted, 'max-size')).toEqual(['implicit', 'exact']);
        expect(outcomesOf(converted, '<acct-file>')).toEqual(['approximate', 'implicit']);
      },
    ));

  it('says what to install for what KumoMTA does not do', () =>
    askTree(
      file('delete-after 3d', 'world-readable yes') +
        file("move-to /opt/it's/100%", 'delete-after 1d').replace('acct.csv', 'moved.csv') +
        file('delete-after never').replace('acct.csv', 'kept.csv'),
      (_, converted) => {
        expect(outcomesOf(converted, 'delete-after')).toEqual(['manual', 'implicit', 'implicit']);
        expect(outcomesOf(converted, 'move-to')).toEqual(['manual']);
        expect(notesOf(converted, 'world-readable')[0]).toMatch(/chmod o\+rx/);
        const files = new Map(converted.conversion.policy.systemFiles.map(({ path, content }) => [path, content]));
        expect([...files.keys()]).toEqual(['/etc/tmpfiles.d/kumomta-acct.conf', '/etc/cron.d/kumomta-moved']);
        expect(files.get('/etc/tmpfiles.d/kumomta-acct.conf')).toBe('e /var/log/kumomta/acct - - - 3d\n');
        expect(files.get('/etc/cron.d/kumomta-moved')).toContain(String.raw`mv -t '/opt/it'\''s/100\%' {} +`);
      },
    ));

  it('without any, KumoMTA keeps its own logs', () =>
    askTree('postmaster ops@example.net\n', (tree) => {
      expect(tree.logs).toHaveLength(1);
      expect(tree.logs[0]?.['log_dir']).toBe('/var/log/kumomta');
    }));
});
