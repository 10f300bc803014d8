import { formatDuration } from '../kumo/format';
import type { AcceptedMessage, MessageSpec, Signature } from '../kumo/runtime/messages';
import type { Change } from './change';
import { type Meaning, stable } from './meaning';
import { NOWHERE } from './names';
import { bothPlaces, type Pair } from './pair';
import { type Probe, peersOf, probesFor } from './probes';
import { textMeaning } from './queues';
import { type Side, timed } from './side';
import type { Found } from './tally';

/** Unix time that both trees see: what hangs on the clock must not differ. */
export const CLOCK = 1_750_000_000;

/** Takes sample messages through both trees; how many that were. */
export function compareMail(pair: Pair): number {
  const probes = probesFor(pair);
  for (const probe of probes) compareMessage(pair, probe);
  return probes.length;
}

function compareMessage(pair: Pair, probe: Probe): void {
  const { before, after, tally } = pair;
  const { subject, spec } = probe;
  const [old, wanted] = [timed(before, () => before.tree.message(spec)), timed(after, () => after.tree.message(spec))];
  // Where nobody may relay, mail comes over HTTP only.
  if (old.rejected !== undefined && wanted.rejected !== undefined && spec.http !== true && !probe.strange) {
    compareMessage(pair, { ...probe, subject: `${subject} over HTTP`, spec: { ...spec, http: true } });
  }
  const [left, right] = [outcomeOf(old), outcomeOf(wanted)];
  const fields = Object.keys(left).filter((field) => left[field]?.key !== right[field]?.key);
  // What follows from a refusal or another tenant would say the same once more.
  const told = ['refused', 'tenant'].find((field) => fields.includes(field));
  for (const field of told === undefined ? fields : [told]) {
    const values = { before: left[field] ?? NOTHING, after: right[field] ?? NOTHING };
    tally.add({
      area: 'reception',
      kind: 'changed',
      subject: [subject],
      field,
      ...values,
      judgement: judgeMail(field, old, wanted),
    });
  }
  if (old.rejected === undefined && wanted.rejected === undefined) {
    compareSignatures(pair, subject, old.signatures, wanted.signatures);
  }
}

const NOTHING: Meaning = { key: 'none', shown: 'none' };

function outcomeOf(message: AcceptedMessage): Readonly<Record<string, Meaning>> {
  const { rejected } = message;
  const refused =
    rejected === undefined ? 'taken' : `${rejected.code} ${rejected.message.replace(/ for \S+:50000$/, '')}`;
  return {
    refused: textMeaning(refused),
    tenant: textMeaning(message.tenant ?? 'none'),
    campaign: textMeaning(message.campaign ?? 'none'),
    queue: textMeaning(message.queue),
    sender: textMeaning(message.sender),
    recipients: textMeaning(message.recipients.join(', ')),
    headers: textMeaning(
      message.headers
        .filter(([name]) => !isTrace(name))
        .map(([name, value]) => `${name}: ${value}`)
        .join(' | '),
    ),
    meta: textMeaning(stable(ownMeta(message.meta))),
    scheduling: textMeaning(stable(message.scheduling ?? {})),
    body: textMeaning(message.body),
    copies: textMeaning(message.copies.map(({ queue, sender }) => `${sender} to ${queue}`).join(', ')),
  };
}

function isTrace(name: string): boolean {
  return /^(?:received|x-kumoref)$/i.test(name);
}

/** Without what the listener itself leaves there. */
function ownMeta(meta: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(meta).filter(([key]) => !/^(?:received_|reception_|ehlo_domain$|hostname$)/.test(key)),
  );
}

function judgeMail(field: string, before: AcceptedMessage, after: AcceptedMessage): Found['judgement'] {
  if (field === 'tenant') return { verdict: 'differs', risk: 'address' };
  if (field !== 'refused') return { verdict: 'differs' };
  if (before.rejected !== undefined && after.rejected === undefined) {
    const known = /\b(?:relay|auth)/i.test(before.rejected.message);
    return known ? { verdict: 'looser', risk: 'relaying' } : { verdict: 'looser' };
  }
  return { verdict: before.rejected === undefined ? 'stricter' : 'differs' };
}

function compareSignatures(
  pair: Pair,
  subject: string,
  before: readonly Signature[],
  after: readonly Signature[],
): void {
  const [old, wanted] = [before.map(describe), after.map(describe)];
  const [left, right] = [old.map(({ key }) => key).sort(), wanted.map(({ key }) => key).sort()];
  if (stable(left) === stable(right)) return;
  const dropped = before.length > after.length;
  const domain = (after[0] ?? before[0])?.domain ?? '';
  pair.tally.add({
    area: 'dkim',
    kind: 'changed',
    subject: [subject],
    field: 'signatures',
    before: listOf(old),
    after: listOf(wanted),
    judgement: { verdict: dropped ? 'looser' : 'differs', risk: 'signature' },
    ...(dropped ? { why: 'A signature is lost.' } : {}),
    placesOf: () => bothPlaces(pair, [['domain', domain], ['signature', domain], ['base']], {}, []),
  });
}

function listOf(signatures: readonly Meaning[]): Meaning {
  const shown = signatures.map((each) => each.shown).join('; ');
  return { key: stable(signatures.map(({ key }) => key)), shown: shown === '' ? 'none' : shown };
}

/** Headers count as a set, keys by the file they are in. */
function describe({ domain, selector, algo, headers, params }: Signature): Meaning {
  const { key, headers: _, expiration, over_sign: over, ...rest } = params;
  const file = typeof key === 'string' ? key : 'a key that is not a file';
  const sorted = headers.map((name) => name.toLowerCase()).sort();
  const name = `d=${domain} s=${selector} ${algo} with ${file}`;
  const extras = { sorted, expiration, over: over === true, ...rest };
  return { key: stable([name, stable(key), extras]), shown: `${name}, ${sorted.length} headers` };
}

/** Waits are asked for this many attempts, for this many pairs of a tenant and a domain. */
const ATTEMPTS = 8;
const MOST_PAIRS = 80;
const UNTOLD = '451 4.3.2 try again later';

/** Compares the waits that handlers of requeue_message set. */
export function compareRetry(pair: Pair): void {
  const asks = [pair.before, pair.after].some(({ parts }) => parts.captured.events.has('requeue_message'));
  if (!asks) return;
  for (const [domain, tenant] of retryPairs(pair)) compareWaits(pair, domain, tenant);
}

function retryPairs({ names }: Pair): readonly (readonly [domain: string, tenant: string])[] {
  const tenants = [...names.tenants].slice(0, MOST_PAIRS / 2);
  const [first = ''] = tenants;
  const named = [...names.queues.values()].map(([domain = '', tenant = '']) => [domain, tenant] as const);
  const domains = [...names.domains].filter((name) => !name.startsWith('['));
  return [
    ...[...tenants, ''].map((tenant) => [NOWHERE.domain, tenant] as const),
    ...domains.map((domain) => [domain, first] as const),
    ...named,
  ].slice(0, MOST_PAIRS);
}

function compareWaits(pair: Pair, domain: string, tenant: string): void {
  const header = pair.after.parts.state.queues?.options['tenant_header'];
  const spec: MessageSpec = {
    sender: 'bounce@from.example',
    recipient: `someone@${domain}`,
    peer: peersOf(pair)[0] ?? '127.0.0.1',
    headers: [
      ['From', 'news@from.example'],
      ...(typeof header === 'string' && tenant !== '' ? [[header, tenant] as const] : []),
    ],
  };
  const [before, after] = [waitsOf(pair.before, spec), waitsOf(pair.after, spec)];
  const at = before.findIndex((wait, index) => wait !== after[index]);
  if (at < 0) return;
  const [old, wanted] = [before[at], after[at]];
  const verdict: Change['verdict'] =
    old === undefined || wanted === undefined ? 'differs' : wanted < old ? 'looser' : 'stricter';
  pair.tally.add({
    area: 'retry',
    kind: 'changed',
    subject: [domain, tenant],
    field: 'waits',
    before: waitsMeaning(before),
    after: waitsMeaning(after),
    judgement: verdict === 'looser' ? { verdict, risk: 'limit' } : { verdict },
  });
}

/** Seconds before the next attempt, attempt by attempt; undefined where the policy leaves it to the queue. */
function waitsOf(side: Side, spec: MessageSpec): readonly (number | undefined)[] {
  return Array.from({ length: ATTEMPTS }, (_, attempts) => {
    const { firstAttempt } = timed(side, () => side.tree.requeue({ ...spec, attempts, response: UNTOLD }));
    return firstAttempt === undefined ? undefined : Math.round(Date.parse(firstAttempt) / 1000 - CLOCK);
  });
}

function waitsMeaning(waits: readonly (number | undefined)[]): Meaning {
  const last = waits.findLastIndex((wait, at) => at === 0 || wait !== waits[at - 1]);
  const shown = waits.slice(0, last + 1).map((wait) => (wait === undefined ? "the queue's own" : formatDuration(wait)));
  return { key: stable(waits.map((wait) => wait ?? null)), shown: shown.join(', ') };
}
