import type { PmtaConfig, Setting, VirtualMta, VirtualMtaPool } from '../model';
import { lineOf } from '../precedence';
import { vmtaSettings } from '../vmta-setting';
import { type ClientRule, isOn, wordOf } from './client';
import { askPatternList } from './pattern-list';
import { type Fits, headerOf, type SampleMessage } from './sample';

/** What chose the virtual-mta, in PowerMTA's order (M5 8.4). */
export type ChosenBy = 'X-Virtual-MTA' | 'pattern-list' | 'default-virtual-mta' | 'nothing';

/** The virtual-mta of a message, before its queue reroutes it. `lines`: those that led there, the deciding one last. */
export type Choice = { readonly lines: readonly Setting[] } & (
  | { readonly kind: 'chosen'; readonly by: ChosenBy; readonly sender: NamedSender }
  /** The message names a virtual-mta that does not exist. */
  | { readonly kind: 'refused' | 'bounced'; readonly name: string }
  /** Why it cannot be told. */
  | { readonly kind: 'doubt'; readonly why: string }
);

/** A virtual-mta, or a pool. */
export type NamedSender =
  | { readonly vmta: VirtualMta; readonly pool?: undefined }
  | { readonly pool: VirtualMtaPool; readonly vmta?: undefined };

const DEFAULT = '{default}';

/** The virtual-mta or pool of a name, in any case (M5 8.3). */
export function senderNamed({ virtualMtas, pools }: PmtaConfig, name: string): NamedSender | undefined {
  const key = name.toLowerCase();
  const vmta = virtualMtas.get(key);
  if (vmta !== undefined) return { vmta };
  const pool = pools.get(key);
  return pool === undefined ? undefined : { pool };
}

/**
 * Which virtual-mta a message submitted by SMTP gets: by the header where the client may use it, else by the pattern
 * list of its source, else by the source's default (M5 8.4). `local`: `ADDRESS:PORT` that the client connected to.
 */
export function chooseSender(
  config: PmtaConfig,
  rule: ClientRule,
  message: SampleMessage,
  local: string,
  fits: Fits,
): Choice {
  return (
    byHeader(config, rule, message) ??
    byPatternList(config, rule, message, fits) ??
    byDefault(config, rule, local) ??
    chosen(config, rule, DEFAULT, 'nothing', [])
  );
}

function byHeader(config: PmtaConfig, rule: ClientRule, message: SampleMessage): Choice | undefined {
  const line = rule.get('process-x-virtual-mta');
  const name = headerOf(message, 'X-Virtual-MTA')?.trim();
  if (line === undefined || name === undefined || !isOn(rule, line.name, false)) return undefined;
  const empty = rule.get('allow-empty-x-virtual-mta');
  if (name === '' && empty !== undefined && isOn(rule, empty.name, false))
    return chosen(config, rule, DEFAULT, 'X-Virtual-MTA', [line, empty]);
  return chosen(config, rule, name, 'X-Virtual-MTA', [line]);
}

function byPatternList(config: PmtaConfig, rule: ClientRule, message: SampleMessage, fits: Fits): Choice | undefined {
  const line = rule.get('pattern-list');
  const name = wordOf(rule, 'pattern-list');
  if (line === undefined || name === undefined) return undefined;
  const answer = askPatternList(config, name, message, fits);
  if (answer.kind === 'nothing') return undefined;
  const lines = [line, ...answer.lines];
  if (answer.kind === 'doubt') return { kind: 'doubt', lines, why: 'Its pattern cannot be tried here.' };
  return answer.name === undefined ? undefined : chosen(config, rule, answer.name, 'pattern-list', lines);
}

function byDefault(config: PmtaConfig, rule: ClientRule, local: string): Choice | undefined {
  const line = rule.get('default-virtual-mta');
  const name = wordOf(rule, 'default-virtual-mta');
  if (line === undefined || name === undefined) return undefined;
  if (name.toLowerCase() !== 'by-smtp-source-ip') return chosen(config, rule, name, 'default-virtual-mta', [line]);
  const address = local.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const own = [...config.virtualMtas.values()].find((vmta) =>
    vmtaSettings(config, vmta, 'smtp-source-host').some(
      (host) => vmta.blocks.includes(host.scope) && host.value.kind === 'source-host' && host.value.address === address,
    ),
  );
  return own && { kind: 'chosen', by: 'default-virtual-mta', sender: { vmta: own }, lines: [line] };
}

function chosen(config: PmtaConfig, rule: ClientRule, name: string, by: ChosenBy, lines: readonly Setting[]): Choice {
  const sender = senderNamed(config, name);
  return sender === undefined ? missing(config, rule, name, lines) : { kind: 'chosen', by, sender, lines };
}

/** A virtual-mta that does not exist: refused, or replaced, or bounced (M5 3.3.1.33.2, 3.3.7.31, 8.5.2). */
function missing(config: PmtaConfig, rule: ClientRule, name: string, lines: readonly Setting[]): Choice {
  const refuse = rule.get('reject-invalid-virtual-mta');
  const all = refuse === undefined ? lines : [...lines, refuse];
  if (isOn(rule, 'reject-invalid-virtual-mta', true)) return { kind: 'refused', name, lines: all };
  const fallback = lineOf(config.top, 'invalid-virtual-mta-fallback');
  const vmta = fallback?.value.kind === 'text' ? config.virtualMtas.get(fallback.value.value.toLowerCase()) : undefined;
  if (fallback === undefined || vmta === undefined) return { kind: 'bounced', name, lines: all };
  return { kind: 'chosen', by: 'X-Virtual-MTA', sender: { vmta }, lines: [...all, fallback] };
}
