import { contains, parseAddress } from '../../directives/cidr';
import { vmtaSettings } from '../../pmta/match';
import type { Setting } from '../../pmta/model';
import type { PmtaPath } from '../sides';
import type { MessageComparison } from './compare-message';
import type { KumoMessage } from './kumo-message';

/** The addresses a virtual-mta sends from. */
interface Addresses {
  readonly lines: readonly Setting[];
  /** Those that the file names one by one. */
  readonly single: readonly string[];
  /** Networks and addresses from which mail may also come. */
  readonly allowed: readonly string[];
}

/** Compares the local addresses that mail may leave from (M5 3.3.1.16, 8.2, 10.7). */
export function compareAddresses(
  paths: readonly PmtaPath[],
  { addresses, ended }: KumoMessage,
  choice: readonly Setting[],
): MessageComparison {
  const expected = paths.map(addressesOf);
  const single = [...new Set(expected.flatMap((each) => each.single))];
  const allowed = [...single, ...expected.flatMap((each) => each.allowed)];
  const lines = [...choice, ...expected.flatMap((each) => each.lines)];
  const found = [...new Set(addresses)];
  const base = {
    thing: 'source-address' as const,
    pmta: textOf(allowed),
    kumo: ended === undefined ? textOf(found.map((address) => address ?? ANY)) : 'not sent',
    lines,
  };
  const unsure = reasonNot(paths, expected, ended);
  if (unsure !== undefined) return { ...base, verdict: 'not-comparable', why: unsure };
  const isForeign = (address: string | undefined) =>
    address === undefined ? allowed.length > 0 : !allowed.some((each) => contains(each, address));
  if (found.length === 0) return { ...base, verdict: 'differs', why: 'No source would send it: it waits.' };
  if (found.some(isForeign))
    return { ...base, verdict: 'differs', why: 'It leaves from an address that PowerMTA does not use for it.' };
  // A message to a pool may get one member, and then has its addresses.
  const whole = [single, ...expected.map((each) => each.single)].some((wanted) => isWhole(wanted, found, expected));
  return whole
    ? { ...base, verdict: 'equal', why: '' }
    : { ...base, verdict: 'differs', why: 'Not all addresses of the virtual-mta are used.' };
}

/** Whether just these addresses send, beside those that may. */
function isWhole(
  wanted: readonly string[],
  found: readonly (string | undefined)[],
  expected: readonly Addresses[],
): boolean {
  const beside = new Set(expected.flatMap(({ allowed }) => allowed));
  const own = found.filter((address) => address !== undefined && !beside.has(address));
  return wanted.every((address) => found.includes(address)) && own.every((address) => wanted.includes(address ?? ''));
}

const ANY = 'chosen by the system';

function textOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? ANY : [...new Set(addresses)].join(', ');
}

function reasonNot(
  paths: readonly PmtaPath[],
  expected: readonly Addresses[],
  ended: KumoMessage['ended'],
): string | undefined {
  if (ended !== undefined) return 'KumoMTA does not send it.';
  const type = paths
    .map(({ value }) => value('type'))
    .find((value) => value?.kind === 'text' && value.value !== 'smtp');
  if (type !== undefined) return 'PowerMTA does not send it by SMTP.';
  if (
    paths.some((path) => linesOf(path, 'use-proxy').some(({ value }) => value?.kind === 'text' && value.value !== ''))
  )
    return 'It goes through a proxy.';
  return expected.some((each) => each.allowed.some((range) => /\/(?!32$|128$)/.test(range)))
    ? 'Which addresses of the range this host has is not in the configuration.'
    : undefined;
}

function addressesOf(path: PmtaPath): Addresses {
  const lines = [...linesOf(path, 'smtp-source-host'), ...linesOf(path, 'smtp-source-ip')];
  const own = lines.flatMap(addressIn);
  const cold = path.value('max-cold-virtual-mta-msg') === undefined ? [] : linesOf(path, 'cold-virtual-mta');
  const automatic = linesOf(path, 'auto-cold-virtual-mta');
  const named = cold.flatMap(({ value }) => {
    const other = value?.kind === 'text' ? path.config.virtualMtas.get(value.value.toLowerCase()) : undefined;
    return other === undefined ? [] : vmtaSettings(path.config, other, 'smtp-source-host');
  });
  const others = [...named, ...automatic].flatMap(addressIn);
  return {
    lines: [...lines, ...cold, ...automatic],
    single: own.filter((address) => !address.includes('/')),
    allowed: [...own.filter((address) => address.includes('/')), ...others],
  };
}

/** `smtp-source-ip` is the form of 3.x, without a host. */
function addressIn({ value }: Setting): readonly string[] {
  if (value?.kind === 'source-host') return [value.address];
  if (value?.kind === 'cidr') return [value.value];
  return value?.kind === 'text' && parseAddress(value.value) !== undefined ? [value.value] : [];
}

function linesOf({ config, vmta }: PmtaPath, name: string): readonly Setting[] {
  return vmtaSettings(config, vmta, name);
}
