import { describe, expect, it } from 'vitest';
import type { LoadedTree } from '../../src/kumo/runtime/answers';
import type { MessageSpec } from '../../src/kumo/runtime/messages';
import { askTree, mail, notesOf, outcomesOf } from '../support/tree';

const block = (kind: string, list: string, ...lines: string[]) =>
  `<${kind}>\n${lines.join('\n')}\n<address-list>\n${list}\n</address-list>\n</${kind}>\n`;
const bounces = (list: string, ...lines: string[]) => block('bounce-processor', list, ...lines);
const complaints = (list: string, ...lines: string[]) => block('feedback-loop-processor', list, ...lines);
const DOMAIN = 'domain fbl.test';
const RELAYED = 'relay-domain fbl.test\n';

/** The queue of the domain. */
const PASSED = '{default}@fbl.test';
const OUTSIDE = '203.0.113.9';
const report = (type: string, body = ''): Partial<MessageSpec> => ({
  headers: [['Content-Type', `multipart/report; report-type=${type}; boundary=x`]],
  body,
});
const ARF = report('feedback-report');
const DSN = report('delivery-status');

const receive = (tree: LoadedTree, spec: Partial<MessageSpec> = {}) =>
  tree.message(mail({ peer: OUTSIDE, sender: '', recipient: 'abuse@fbl.test', ...spec }));
/** Where the message goes: its queue, `null`, `-` when it was only recorded, or the code of the refusal. */
function fate(tree: LoadedTree, spec: Partial<MessageSpec> = {}): string | number {
  const { queue, rejected, relayed } = receive(tree, spec);
  if (rejected !== undefined) return rejected.code;
  return relayed || queue === 'null' ? queue : '-';
}

describe('deliver-unmatched-email (M5 3.3.3.1, 3.3.4.1)', () => {
  it('yes, the default: what is no report goes on to its recipient', () =>
    askTree(RELAYED + complaints(DOMAIN), (tree, converted) => {
      expect(fate(tree)).toBe(PASSED);
      expect(fate(tree, ARF)).toBe('-');
      expect(converted.files.has('pmta.lua')).toBe(false);
    }));

  it('no: it is taken and goes nowhere', () =>
    askTree(RELAYED + complaints(DOMAIN, 'deliver-unmatched-email no'), (tree, converted) => {
      expect(fate(tree)).toBe('null');
      expect(fate(tree, ARF)).toBe('-');
      expect(fate(tree, { peer: OUTSIDE, recipient: 'you@other.test' })).toBe(550);
      expect(outcomesOf(converted, 'deliver-unmatched-email')).toEqual(['exact']);
    }));

  it('what looks like a report and cannot be read is always passed on (M5 12.7)', () =>
    askTree(RELAYED + complaints(DOMAIN, 'deliver-unmatched-email no'), (tree) =>
      expect(fate(tree, report('feedback-report', 'broken'))).toBe(PASSED),
    ));

  it('only for the addresses of the list', () =>
    askTree(RELAYED + bounces('address Bounce@fbl.test', 'deliver-unmatched-email no'), (tree) => {
      expect(fate(tree, { recipient: 'Bounce@fbl.test' })).toBe('null');
      expect(fate(tree, { recipient: 'boss@fbl.test' })).toBe(PASSED);
    }));

  it('a pattern whose end is a domain names one', () =>
    askTree(RELAYED + bounces('address /^b-[0-9]+@fbl\\.test$/', 'deliver-unmatched-email no'), (tree, converted) => {
      expect(fate(tree, { recipient: 'b-17@fbl.test' })).toBe('null');
      expect(fate(tree, { recipient: 'boss@fbl.test' })).toBe(PASSED);
      expect(fate(tree, { recipient: 'b-17@fbl.test', ...DSN })).toBe('-');
      expect(outcomesOf(converted, 'address')).toEqual(['approximate']);
    }));

  it('two processors of one domain: no report is what neither knows', () =>
    askTree(
      RELAYED + bounces(DOMAIN, 'deliver-unmatched-email no') + complaints(DOMAIN, 'deliver-unmatched-email no'),
      (tree) => expect([{}, ARF, DSN].map((spec) => fate(tree, spec))).toEqual(['null', '-', '-']),
    ));

  it('one of them passes it on', () =>
    askTree(RELAYED + bounces(DOMAIN) + complaints(DOMAIN, 'deliver-unmatched-email no'), (tree) =>
      // It is dropped for the complaints only; who counts is not documented, and losing mail is worse.
      expect(fate(tree)).toBe(PASSED),
    ));
});

describe('deliver-email (M5 3.3.3.3)', () => {
  it('yes: both kinds go on', () =>
    askTree(RELAYED + complaints(DOMAIN, 'deliver-email yes'), (tree, converted) => {
      expect([{}, ARF].map((spec) => fate(tree, spec))).toEqual([PASSED, PASSED]);
      expect(outcomesOf(converted, 'deliver-email')).toEqual(['exact']);
    }));

  it('no: neither', () =>
    askTree(RELAYED + complaints(DOMAIN, 'deliver-email no'), (tree) =>
      expect([{}, ARF].map((spec) => fate(tree, spec))).toEqual(['null', '-']),
    ));

  it('the newer directives beat it', () =>
    askTree(RELAYED + complaints(DOMAIN, 'deliver-email no', 'deliver-matched-email yes'), (tree) =>
      expect([{}, ARF].map((spec) => fate(tree, spec))).toEqual(['null', PASSED]),
    ));

  it('older releases pass on what they have recorded', () =>
    askTree(
      RELAYED + complaints(DOMAIN, 'deliver-email no'),
      (tree, converted) => {
        expect([{}, ARF].map((spec) => fate(tree, spec))).toEqual(['null', PASSED]);
        expect(outcomesOf(converted, 'deliver-email')).toEqual(['approximate']);
      },
      { target: '2024.11.08' },
    ));
});

describe('forward-unmatched-to, forward-errors-to (M5 3.3.3.4, 3.3.3.5, 12.7)', () => {
  const config =
    RELAYED +
    complaints(
      DOMAIN,
      'forward-unmatched-to a@ops.test',
      'forward-unmatched-to b@ops.test',
      'forward-errors-to e@ops.test',
    );
  const copied = (tree: LoadedTree, spec: Partial<MessageSpec> = {}) =>
    receive(tree, spec).copies.flatMap(({ recipients }) => recipients);

  it('copies go out beside the message itself', () =>
    askTree(config, (tree, converted) => {
      expect(copied(tree)).toEqual(['a@ops.test', 'b@ops.test']);
      expect(fate(tree)).toBe(PASSED);
      expect(copied(tree, ARF)).toEqual([]);
      expect(copied(tree, report('feedback-report', 'broken'))).toEqual(['e@ops.test']);
      expect(outcomesOf(converted, 'forward-unmatched-to')).toEqual(['exact', 'exact']);
      expect(outcomesOf(converted, 'forward-errors-to')).toEqual(['approximate']);
    }));

  it('a copy is the message, with its sender, in the queue of its own recipient', () =>
    askTree(config, (tree) => {
      const [copy] = receive(tree, { sender: 'who@there.test', body: 'Hello.' }).copies;
      expect(copy).toMatchObject({ sender: 'who@there.test', queue: '{default}@ops.test', body: 'Hello.' });
    }));

  it('the copies leave as mail of the same client does', () =>
    askTree(
      `${config}<virtual-mta v1>\nsmtp-source-host 192.0.2.1 a.test\n</virtual-mta>\n<source 0/0>\nsmtp-service yes\ndefault-virtual-mta v1\n</source>\n`,
      (tree) => expect(receive(tree).copies.map(({ queue }) => queue)).toEqual(['v1@ops.test', 'v1@ops.test']),
    ));

  it('in place of the message when that is dropped', () =>
    askTree(RELAYED + complaints(DOMAIN, 'forward-unmatched-to a@ops.test', 'deliver-unmatched-email no'), (tree) => {
      expect(fate(tree)).toBe('null');
      expect(copied(tree)).toEqual(['a@ops.test']);
    }));

  it('a copy to an address that is itself looked at makes no further one', () =>
    askTree(RELAYED + complaints(DOMAIN, 'forward-unmatched-to loop@fbl.test'), (tree) =>
      expect(copied(tree)).toEqual(['loop@fbl.test']),
    ));

  it('needs a release in which a policy may send', () =>
    askTree(
      config,
      (tree, converted) => {
        expect(outcomesOf(converted, 'forward-errors-to')).toEqual(['unsupported']);
        expect(fate(tree)).toBe(PASSED);
      },
      { target: '2025.05.06' },
    ));
});

describe('a processor that looks at nothing', () => {
  it('is for a person, with all that it says', () =>
    askTree('<bounce-processor>\ndeliver-unmatched-email no\n</bounce-processor>\n', (_, converted) => {
      expect(outcomesOf(converted, '<bounce-processor>')).toEqual(['manual']);
      expect(notesOf(converted, 'deliver-unmatched-email')).toEqual([
        'It lists no address or domain that could be looked at.',
      ]);
    }));
});
