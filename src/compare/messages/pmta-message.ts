import { contains } from '../../directives/cidr';
import type { PmtaConfig, Setting, VirtualMta } from '../../pmta/model';
import { lineOf } from '../../pmta/precedence';
import { type Acceptance, acceptance } from '../../pmta/reception/accept';
import { type Choice, chooseSender, type NamedSender, senderNamed } from '../../pmta/reception/choose-sender';
import { type ClientRule, clientRule, isOn, type Listener, listenerFor, loginOf } from '../../pmta/reception/client';
import { passedOn, processed } from '../../pmta/reception/recipients';
import { domainOf, type SampleMessage } from '../../pmta/reception/sample';
import { pmtaPath } from '../pmta-path';
import type { PmtaPath } from '../sides';
import { fitsPcre } from './pcre';

/** What PowerMTA makes of a message, by its own rules alone. */
export interface PmtaMessage {
  readonly listener: Listener | undefined;
  readonly rule: ClientRule;
  readonly acceptance: Acceptance;
  /** Absent when the message is refused before. */
  readonly choice?: Choice;
  /** The queue of each virtual-mta that may send it, after queue-to and rerouting; several for a pool. */
  readonly paths: readonly PmtaPath[];
  /** The virtual-mta or pool was left for another by reroute-to-virtual-mta. */
  readonly rerouted: readonly Setting[];
  /** A line by which something else becomes of the message than a delivery to its recipient. */
  readonly elsewhere?: Setting;
}

const REROUTE = 'reroute-to-virtual-mta';

/** Walks a message through PowerMTA: its client, its virtual-mta, its queue (M5 3.3.7, 8.4, 10.9). */
export function pmtaMessage(config: PmtaConfig, message: SampleMessage): PmtaMessage {
  const listener = listenerFor(config, message.listener);
  const before = clientRule(config, { peer: message.peer }, listener?.source);
  const rule = clientRule(config, message, listener?.source);
  const { login } = loginOf(config, message.user);
  const taken = acceptance(config, before, rule, login, message, fitsPcre);
  const base = { listener, rule, acceptance: taken, paths: [], rerouted: [] };
  if (listener !== undefined && isLoopback(listener.cidr) && !isLoopback(message.peer))
    return { ...base, acceptance: { accepted: undefined, reason: 'no such client reaches this listener', lines: [] } };
  if (listener === undefined)
    return { ...base, acceptance: { accepted: undefined, reason: 'no listener of the configuration', lines: [] } };
  if (taken.accepted === false) return base;
  const choice = chooseSender(config, rule, message, listener.local, fitsPcre);
  if (choice.kind === 'refused')
    return {
      ...base,
      choice,
      acceptance: { accepted: false, reason: `no virtual-mta ${choice.name}`, lines: choice.lines },
    };
  const [elsewhere] = [...passedOn(config, message.to), ...processed(config, message.to, fitsPcre)];
  const found = { ...base, choice, ...(elsewhere === undefined ? {} : { elsewhere }) };
  if (choice.kind !== 'chosen') return found;
  const domain = recipientDomain(config, rule, message.to);
  const rerouted = new Set<Setting>();
  const ends = membersOf(config, choice.sender).flatMap((vmta) => follow(config, vmta, domain, new Set(), rerouted));
  const paths = [...new Set(ends)].map((vmta) => pmtaPath(config, vmta, domain));
  return { ...found, paths, rerouted: [...rerouted] };
}

function isLoopback(address: string): boolean {
  return contains('127.0.0.0/8', address) || contains('::1', address);
}

/** A virtual-mta, or the members of a pool that exist. */
export function membersOf({ virtualMtas }: PmtaConfig, { vmta, pool }: NamedSender): readonly VirtualMta[] {
  if (vmta !== undefined) return [vmta];
  const members = (pool?.members ?? []).flatMap(({ name }) => virtualMtas.get(name.toLowerCase()) ?? []);
  return [...new Set(members)];
}

/** A domain without a dot gets the suffix of the configuration (M5 3.3.1.24, 3.3.7.69). */
function recipientDomain({ top }: PmtaConfig, rule: ClientRule, to: string): string {
  const domain = domainOf(to);
  const suffix = lineOf(top, 'domain-suffix')?.value;
  if (suffix?.kind !== 'text' || suffix.value === '' || /[.[]/.test(domain)) return domain;
  return isOn(rule, 'auto-qualify-domain', true)
    ? `${domain}.${suffix.value.toLowerCase().replace(/^\.+/, '')}`
    : domain;
}

/** The virtual-mtas that a queue's mail ends up at; in a loop it stays in the last queue (M5 3.3.10.49). */
function follow(
  config: PmtaConfig,
  vmta: VirtualMta,
  domain: string,
  seen: Set<VirtualMta>,
  lines: Set<Setting>,
): readonly VirtualMta[] {
  seen.add(vmta);
  const found = pmtaPath(config, vmta, domain).settings.get(REROUTE);
  const name = found?.value.kind === 'text' ? found.value.value : '';
  const sender = name === '' ? undefined : senderNamed(config, name);
  const next = sender === undefined ? [] : membersOf(config, sender).filter((member) => !seen.has(member));
  if (found === undefined || next.length === 0) return [vmta];
  lines.add(found.setting);
  return next.flatMap((member) => follow(config, member, domain, new Set(seen), lines));
}
