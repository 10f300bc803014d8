import { vmtaSettings } from '../pmta/match';
import type { Setting } from '../pmta/model';
import { NOBODY } from './routes';
import type { Comparison, KumoPath, PmtaPath, Read } from './sides';

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
  const key = expected(pmta, from);
  const wanted = key === undefined ? 'none' : key.text;
  const message = kumo.messageFrom(`news@${from}`);
  const [first] = message?.signatures ?? [];
  const found = first === undefined ? 'none' : `d=${first.domain.toLowerCase()} s=${first.selector.toLowerCase()}`;
  const directive = `domain-key for From ${from}`;
  if (message === undefined || message.rejected !== undefined) {
    return { directive, pmta: wanted, kumo: 'unknown', verdict: 'not-comparable', why: NOBODY };
  }
  const same = wanted === found;
  const read: readonly Read[] = [
    { from: 'place', place: first?.place },
    { from: 'handler', event: 'smtp_server_message_received' },
  ];
  const lines = key === undefined ? [] : [key.line];
  const verdict = same ? 'equal' : 'differs';
  return { directive, pmta: wanted, kumo: found, verdict, why: same ? '' : WHY, lines, read };
}

const WHY = 'Another key signs, or none.';

/** The key that signs. */
interface Key {
  readonly text: string;
  readonly line: Setting;
}

function expected(pmta: PmtaPath, from: string): Key | undefined {
  // The third value asks for a header that the sample does not have.
  const sign = pmta.value('dkim-sign');
  const wanted =
    (sign?.kind === 'bool' && sign.value) || (sign?.kind === 'text' && /^(?:yes|true|1)$/i.test(sign.value));
  if (!wanted) return undefined;
  const identity = textOf(pmta, 'dkim-identity') ?? 'sender-or-from';
  const strict = identity === 'strict-from';
  const first = keyFor(pmta, strict || identity === 'sender-or-from' ? from : domainIn(identity), strict);
  const fallback = textOf(pmta, 'dkim-identity-fallback');
  return first ?? (fallback === undefined ? undefined : keyFor(pmta, domainIn(fallback), false));
}

function keyFor(pmta: PmtaPath, at: string, strict: boolean): Key | undefined {
  const key = keysOf(pmta).find(
    ({ domain }) => domain === '*' || at === domain || (!strict && at.endsWith(`.${domain}`)),
  );
  return key && { text: `d=${key.domain === '*' ? at : key.domain} s=${key.selector}`, line: key.line };
}

function domainIn(identity: string): string {
  return identity.replace(/^.*@/, '').toLowerCase();
}

function textOf({ value }: PmtaPath, directive: string): string | undefined {
  const found = value(directive);
  return found?.kind === 'text' && found.value !== '' ? found.value : undefined;
}

interface ListedKey {
  readonly domain: string;
  readonly selector: string;
  readonly line: Setting;
}

const keysOfVmtas = new WeakMap<PmtaPath['vmta'], readonly ListedKey[]>();

function keysOf({ config, vmta }: PmtaPath): readonly ListedKey[] {
  const known = keysOfVmtas.get(vmta) ?? listKeys({ config, vmta });
  keysOfVmtas.set(vmta, known);
  return known;
}

function listKeys({ config, vmta }: Pick<PmtaPath, 'config' | 'vmta'>): readonly ListedKey[] {
  return vmtaSettings(config, vmta, 'domain-key').flatMap((line) => {
    const { value } = line;
    if (value.kind !== 'domain-key') return [];
    return [{ domain: value.domain.toLowerCase(), selector: value.selector.toLowerCase(), line }];
  });
}
