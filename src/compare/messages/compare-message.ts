import type { PmtaConfig, Setting } from '../../pmta/model';
import type { SampleMessage } from '../../pmta/reception/sample';
import { kumoRoute, OWN, pmtaRoute } from '../routes';
import type { PmtaPath, Verdict } from '../sides';
import { compareAddresses } from './addresses';
import type { KumoMessage } from './kumo-message';
import { membersOf, type PmtaMessage } from './pmta-message';
import { pmtaSignatures } from './pmta-signatures';

/** What is compared of a message. */
export const THINGS = ['accepted', 'virtual-mta', 'source-address', 'route', 'signature'] as const;
export type Thing = (typeof THINGS)[number];

/** How one thing compares. `looser`: KumoMTA takes what PowerMTA refuses. */
export type MessageVerdict = Exclude<Verdict, 'stricter'>;

export interface MessageComparison {
  readonly thing: Thing;
  readonly pmta: string;
  readonly kumo: string;
  readonly verdict: MessageVerdict;
  /** A sentence; empty for what is equal. */
  readonly why: string;
  /** The lines of CONFIG that PowerMTA's choice comes from, the deciding one last. */
  readonly lines: readonly Setting[];
}

/** Tenant of a virtual-mta or pool, by its name in any case. */
export type TenantOf = (name: string) => string;

interface Sides {
  readonly config: PmtaConfig;
  readonly sample: SampleMessage;
  readonly pmta: PmtaMessage;
  readonly kumo: KumoMessage;
  readonly tenantOf: TenantOf;
}

/** Compares what both make of a message; where either refuses it, that alone. */
export function compareMessage(sides: Sides): readonly MessageComparison[] {
  const accepted = compareAcceptance(sides);
  const { pmta, kumo } = sides;
  if (pmta.acceptance.accepted === false || kumo.message.rejected !== undefined) return [accepted];
  if (pmta.acceptance.accepted === undefined || pmta.choice === undefined) return [accepted];
  if (pmta.elsewhere !== undefined) return [accepted, passedOn(pmta.elsewhere, kumo)];
  const sender = compareSender(sides);
  // Of the same virtual-mta, only what is said of the thing itself can explain a difference.
  const lines = sender.verdict === 'equal' ? [] : sender.lines;
  if (pmta.paths.length === 0 || kumo.message.queue === 'null') return [accepted, sender];
  return [
    accepted,
    sender,
    compareAddresses(pmta.paths, kumo, lines),
    compareRoutes(pmta.paths, kumo, lines),
    compareSignatures(sides, lines),
  ];
}

/** Of a message, who may hand it in and which virtual-mta it gets; the second only where both take it. */
export function compareChoice(sides: Sides): readonly MessageComparison[] {
  const { pmta, kumo } = sides;
  const accepted = compareAcceptance(sides);
  if (pmta.acceptance.accepted !== true || kumo.message.rejected !== undefined || pmta.choice === undefined)
    return [accepted];
  return [accepted, pmta.elsewhere === undefined ? compareSender(sides) : passedOn(pmta.elsewhere, kumo)];
}

function compareAcceptance({ config, pmta, kumo }: Sides): MessageComparison {
  const { accepted, reason, lines } = pmta.acceptance;
  const { rejected } = kumo.message;
  const found = rejected === undefined ? 'accepted' : `refused: ${rejected.code} ${rejected.message}`;
  const shown = accepted === false ? `refused: ${reason}` : accepted ? `accepted: ${reason}` : reason;
  const base = { thing: 'accepted' as const, pmta: shown, kumo: found, lines };
  if (accepted === undefined)
    return { ...base, verdict: 'not-comparable', why: 'What PowerMTA does is not in the configuration.' };
  if (accepted === (rejected === undefined)) return { ...base, verdict: 'equal', why: '' };
  if (!accepted) return { ...base, verdict: 'looser', why: 'KumoMTA takes a message that PowerMTA refuses.' };
  const why = 'KumoMTA refuses a message that PowerMTA takes.';
  // The helper's word for a message without an author.
  const signing = /DKIM/.test(rejected?.message ?? '') ? keysOf(config) : [];
  return { ...base, verdict: 'differs', why, lines: [...signing, ...lines] };
}

function keysOf({ settings }: PmtaConfig): readonly Setting[] {
  return settings.filter(({ name }) => name === 'domain-key');
}

const PASSED_ON =
  'PowerMTA passes the message on or looks for a report in it; in KumoMTA what goes on is a message of its own.';

function passedOn(line: Setting, { message }: KumoMessage): MessageComparison {
  const copies = message.copies.flatMap(({ recipients }) => recipients);
  const kumo = copies.length > 0 ? `to ${copies.join(', ')}` : message.queue === 'null' ? 'dropped' : message.queue;
  return {
    thing: 'virtual-mta',
    pmta: line.name,
    kumo,
    verdict: 'not-comparable',
    why: PASSED_ON,
    lines: [line],
  };
}

function compareSender({ config, pmta, kumo, tenantOf }: Sides): MessageComparison {
  const { choice, paths, rerouted } = pmta;
  const lines = [...(choice?.lines ?? []), ...rerouted];
  const tenant = tenantIn(kumo);
  const shown = kumo.ended === 'bounced' ? 'bounced' : kumo.message.queue === 'null' ? 'dropped' : `tenant ${tenant}`;
  const base = { thing: 'virtual-mta' as const, kumo: shown, lines };
  if (choice === undefined || choice.kind === 'doubt')
    return { ...base, pmta: 'unknown', verdict: 'not-comparable', why: choice?.why ?? '' };
  if (choice.kind !== 'chosen') {
    const same = kumo.ended === 'bounced' && !tenantsOf(config, tenantOf).has(tenant);
    const verdict = same ? 'equal' : 'differs';
    return { ...base, pmta: `bounced: no virtual-mta ${choice.name}`, verdict, why: same ? '' : ELSEWHERE };
  }
  const { sender } = choice;
  const name = (sender.vmta ?? sender.pool).name;
  const ends = paths.map(({ vmta }) => vmta.name);
  const kept = rerouted.length === 0;
  const fitting = new Set([...(kept ? [name] : []), ...ends].map(tenantOf));
  const text = `${sender.pool === undefined ? 'virtual-mta' : 'pool'} ${name}`;
  const wanted = kept ? text : `${text}, rerouted to ${ends.join(', ')}`;
  if (membersOf(config, sender).length === 0)
    return { ...base, pmta: wanted, verdict: 'not-comparable', why: 'The pool has no member that is defined.' };
  const same = kumo.message.queue !== 'null' && fitting.has(tenant);
  return { ...base, pmta: wanted, verdict: same ? 'equal' : 'differs', why: same ? '' : ELSEWHERE };
}

/** Tenant of a message; a queue for everybody's mail has none in its name. */
export function tenantIn({ message }: KumoMessage): string {
  const own = message.meta['tenant'];
  return message.tenant ?? (typeof own === 'string' ? own : '');
}

const ELSEWHERE = 'The message leaves as another virtual-mta.';

function tenantsOf({ virtualMtas, pools }: PmtaConfig, tenantOf: TenantOf): ReadonlySet<string> {
  return new Set([...virtualMtas.keys(), ...pools.keys()].map(tenantOf));
}

const ROUTING = ['queue-to', 'smtp-hosts', 'route', 'type'];

function compareRoutes(paths: readonly PmtaPath[], kumo: KumoMessage, choice: readonly Setting[]): MessageComparison {
  const lines = [...choice, ...paths.flatMap((path) => settingsOf(path, ROUTING))];
  const wanted = [...new Set(paths.map((path) => destination(path)))];
  const found = kumo.ended === undefined ? kumoRoute(kumo) : kumo.ended;
  const base = { thing: 'route' as const, pmta: wanted.join(' or '), kumo: found, lines };
  const held = paths.map(typeOf).find((type) => type !== 'smtp' && type !== 'discard');
  if (held !== undefined)
    return { ...base, verdict: 'not-comparable', why: `KumoMTA has nothing like mail of type ${held}.` };
  const same = paths.some((path) => fitsRoute(path, found));
  return { ...base, verdict: same ? 'equal' : 'differs', why: same ? '' : 'Mail goes to other hosts.' };
}

function fitsRoute(path: PmtaPath, found: string): boolean {
  const wanted = destination(path);
  return wanted === found || (wanted === OWN && found === `mx:${path.queue}`);
}

function destination(path: PmtaPath): string {
  if (typeOf(path) !== 'discard') return pmtaRoute(path);
  const bounce = path.value('discard-as-bounce');
  return bounce?.kind === 'bool' && bounce.value ? 'bounced' : 'dropped';
}

function typeOf({ value }: PmtaPath): string {
  const found = value('type');
  return found?.kind === 'text' ? found.value : 'smtp';
}

function settingsOf({ settings }: PmtaPath, names: readonly string[]): readonly Setting[] {
  return names.flatMap((name) => settings.get(name)?.setting ?? []);
}

function compareSignatures({ sample, pmta, kumo }: Sides, choice: readonly Setting[]): MessageComparison {
  const expected = pmta.paths.map((path) => pmtaSignatures(path, pmta.rule, sample));
  const wanted = [...new Set(expected.map(({ signatures }) => signatures.join('; ') || 'none'))];
  const list = kumo.message.signatures.map(
    ({ domain, selector }) => `d=${domain.toLowerCase()} s=${selector.toLowerCase()}`,
  );
  const found = list.join('; ') || 'none';
  const lines = [...choice, ...new Set(expected.flatMap((each) => each.lines))];
  const base = { thing: 'signature' as const, pmta: wanted.join(' or '), kumo: found, lines };
  if (kumo.ended !== undefined) return { ...base, verdict: 'equal', why: '' };
  const same = wanted.includes(found);
  return { ...base, verdict: same ? 'equal' : 'differs', why: same ? '' : 'Other keys sign, or none.' };
}
