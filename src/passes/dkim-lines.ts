import { effectiveSettings } from '../pmta/match';
import type { DomainBlock, Setting, VirtualMta } from '../pmta/model';
import type { PassContext } from './pass';
import { placesOfPattern } from './places';
import { settleByRow } from './settle';

const TAKEN: ReadonlySet<string> = new Set([
  'dkim-algorithm',
  'dkim-body-canon',
  'dkim-disallow-adding-headers',
  'dkim-expire-after',
  'dkim-headers',
  'dkim-headers-canon',
  'dkim-identity',
  'dkim-identity-fallback',
  'dkim-sign',
]);

/** Settles what `<domain>` blocks say of signing, as `by`. */
export function settleLines(context: PassContext, by: string, haveKeys: boolean): void {
  settleDomainKeys(context, by);
  for (const line of context.config.settings) {
    const name = line.name.replace(/^second-/, '');
    if (line.scope.kind !== 'domain' || line.value === undefined || !TAKEN.has(name)) continue;
    if (!haveKeys && name === 'dkim-sign' && isOn(line)) {
      context.ledger.settle(line, 'implicit', by, 'No domain-key is configured, so PowerMTA signs nothing here.');
    } else if (name === 'dkim-algorithm') {
      settleAlgorithm(context, by, line);
    } else if (name === 'dkim-disallow-adding-headers') {
      settleGuarded(context, by, line);
    } else {
      settleByRow(context, line, by);
    }
  }
}

/** KumoMTA signs with SHA-256 whatever the key (KumoMTA reference, kumo.dkim). */
function settleAlgorithm(context: PassContext, by: string, line: Setting): void {
  const old = line.value?.kind === 'text' && line.value.value.toLowerCase() === 'rsa-sha1';
  const note =
    'KumoMTA has no rsa-sha1, which receivers must not accept any longer (RFC 8301): it signs with rsa-sha256.';
  if (old) context.ledger.settle(line, 'approximate', by, note);
  else context.ledger.settle(line, 'exact', by);
}

/** What a message may hold once only (RFC 5322, 3.6; RFC 2045): listing it twice is once more than it occurs. */
const ONCE: ReadonlySet<string> = new Set([
  'bcc',
  'cc',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'in-reply-to',
  'message-id',
  'mime-version',
  'references',
  'reply-to',
  'sender',
  'subject',
  'to',
]);

function settleGuarded(context: PassContext, by: string, line: Setting): void {
  const names = line.value?.kind === 'list' ? line.value.values : [];
  const exact = names.every((name) => name === '' || ONCE.has(name.toLowerCase()));
  const note =
    'Each header is listed twice. One that a message holds more than once is not guarded: PowerMTA lists it once more than it occurs.';
  context.ledger.settle(line, exact ? 'exact' : 'approximate', by, exact ? undefined : note);
}

/** Keys without any dkim-sign: PowerMTA signs nothing unless it is told to (M5 3.3.10.19). */
export function settleUnusedKeys(context: PassContext, by: string): void {
  const note = 'No dkim-sign asks for signatures, so PowerMTA signs nothing with it.';
  for (const line of context.config.settings) {
    const list = line.name === '<domain-key-list>' && line.fault === undefined;
    if (list || (line.name === 'domain-key' && line.value !== undefined)) {
      context.ledger.settle(line, 'implicit', by, note);
    }
  }
}

const WITH_DKIM =
  'Only the DomainKeys signature is lost, which receivers no longer look at: dkim-sign goes on signing this mail with DKIM and the same domain-keys.';
const WITHOUT_DKIM =
  'DomainKeys is obsolete and KumoMTA does not sign with it; no dkim-sign signs all of this mail with DKIM. Write dkim-sign yes here, and DKIM signs it with the same domain-keys.';

/** dk-sign: the signature before DKIM. The operator has to know whether the mail keeps another one. */
function settleDomainKeys(context: PassContext, by: string): void {
  const { config, ledger } = context;
  const keyed = config.settings.some((line) => line.name === 'domain-key' && line.value !== undefined);
  const settle = (block: DomainBlock, vmta: VirtualMta | undefined): void => {
    for (const line of block.block.settings) {
      if (line.name !== 'dk-sign' || line.value === undefined || !isOn(line)) continue;
      if (keyed) ledger.settle(line, 'unsupported', by, signedByDkim(context, block, vmta) ? WITH_DKIM : WITHOUT_DKIM);
      else ledger.settle(line, 'implicit', by, 'No domain-key is configured, so PowerMTA signs nothing with it.');
    }
  };
  for (const block of config.domains.blocks) settle(block, undefined);
  for (const vmta of config.virtualMtas.values()) {
    for (const block of [...vmta.domains.blocks, ...(vmta.domainPool?.domains.blocks ?? [])]) settle(block, vmta);
  }
}

function signedByDkim({ config }: PassContext, { patterns }: DomainBlock, vmta: VirtualMta | undefined): boolean {
  const places = patterns.flatMap(placesOfPattern);
  return places.every(({ domain }) => {
    const sign = effectiveSettings(config, vmta, domain).get('dkim-sign');
    return sign?.value.kind === 'text' && ['yes', 'true'].includes(sign.value.value.toLowerCase());
  });
}

function isOn({ value }: Setting): boolean {
  if (value?.kind === 'bool') return value.value;
  return value?.kind === 'text' && !['no', 'false'].includes(value.value.toLowerCase());
}
