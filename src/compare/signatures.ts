import { vmtaSettings } from '../pmta/match';
import { NOBODY } from './routes';
import type { Comparison, KumoPath, PmtaPath } from './sides';

/** Of the keys, this many are tried where the settings have not been met before, else one. */
const TRIED = 25;

/** Settings that decide about signing. */
const DECIDING = ['dkim-identity', 'dkim-identity-fallback', 'dkim-sign'];

/**
 * First signatures of sample messages: PowerMTA takes the first key, of the virtual-mta and then of all, whose domain is
 * that of the sender or a parent of it (M5 3.3.1.33.1, 10.7). `met` keeps what has been tried.
 */
export function compareSignatures(pmta: PmtaPath, kumo: KumoPath, met: Set<string>): readonly Comparison[] {
  const settings = DECIDING.map((name) => pmta.settings.get(name)?.setting.id);
  const situation = JSON.stringify([pmta.vmta.name, kumo.tenant, settings]);
  const tried = met.has(situation) ? 1 : TRIED;
  met.add(situation);
  const senders = [...new Set(keysOf(pmta).map(({ domain }) => domain))].slice(0, tried);
  return senders.map((domain) => compareOne(pmta, kumo, domain === '*' ? 'from.example' : domain));
}

function compareOne(pmta: PmtaPath, kumo: KumoPath, from: string): Comparison {
  const wanted = expected(pmta, from);
  const message = kumo.messageFrom(`news@${from}`);
  const [first] = message?.signatures ?? [];
  const found = first === undefined ? 'none' : `d=${first.domain.toLowerCase()} s=${first.selector.toLowerCase()}`;
  const directive = `domain-key for From ${from}`;
  if (message === undefined || message.rejected !== undefined) {
    return { directive, pmta: wanted, kumo: 'unknown', verdict: 'not-comparable', why: NOBODY };
  }
  const same = wanted === found;
  return { directive, pmta: wanted, kumo: found, verdict: same ? 'equal' : 'differs', why: same ? '' : WHY };
}

const WHY = 'Another key signs, or none.';

function expected(pmta: PmtaPath, from: string): string {
  // The third value asks for a header that the sample does not have.
  const sign = pmta.value('dkim-sign');
  const wanted =
    (sign?.kind === 'bool' && sign.value) || (sign?.kind === 'text' && /^(?:yes|true|1)$/i.test(sign.value));
  if (!wanted) return 'none';
  const identity = textOf(pmta, 'dkim-identity') ?? 'sender-or-from';
  const strict = identity === 'strict-from';
  const first = keyFor(pmta, strict || identity === 'sender-or-from' ? from : domainIn(identity), strict);
  const fallback = textOf(pmta, 'dkim-identity-fallback');
  return first ?? (fallback === undefined ? undefined : keyFor(pmta, domainIn(fallback), false)) ?? 'none';
}

function keyFor(pmta: PmtaPath, at: string, strict: boolean): string | undefined {
  const key = keysOf(pmta).find(
    ({ domain }) => domain === '*' || at === domain || (!strict && at.endsWith(`.${domain}`)),
  );
  return key && `d=${key.domain === '*' ? at : key.domain} s=${key.selector}`;
}

function domainIn(identity: string): string {
  return identity.replace(/^.*@/, '').toLowerCase();
}

function textOf({ value }: PmtaPath, directive: string): string | undefined {
  const found = value(directive);
  return found?.kind === 'text' && found.value !== '' ? found.value : undefined;
}

function keysOf({ config, vmta }: PmtaPath) {
  return vmtaSettings(config, vmta, 'domain-key').flatMap(({ value }) =>
    value.kind === 'domain-key' ? [{ domain: value.domain.toLowerCase(), selector: value.selector.toLowerCase() }] : [],
  );
}
