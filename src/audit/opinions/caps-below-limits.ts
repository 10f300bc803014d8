import type { Span } from '../../diagnostics/span';
import { effectiveSettings, vmtaSetting } from '../../pmta/match';
import type { PmtaConfig, Setting, VirtualMta } from '../../pmta/model';
import { lineOf } from '../../pmta/precedence';
import { isMore, limitIn } from './contradicting-limits';
import type { OpinionContext } from './opinion';
import { probesOf } from './places';

/** A cap over all domains (M5 3.3.12), and the limit of one domain that it makes meaningless. */
const CAPS = [
  ['max-smtp-out', 'max-smtp-out'],
  ['max-smtp-msg-rate', 'max-msg-rate'],
] as const;

/** Limits of domains that nothing can reach, because the virtual-mta or the server allows less over all domains. */
export function capsBelowLimits(context: OpinionContext): void {
  const { config } = context;
  const hidden = new Map<Setting, Set<Setting>>();
  const add = (cap: Setting, limits: readonly Setting[]): void => {
    hidden.set(cap, new Set([...(hidden.get(cap) ?? []), ...limits]));
  };
  for (const vmta of config.virtualMtas.values()) {
    for (const [capName, limitName] of CAPS) {
      const cap = vmtaSetting(config, vmta, capName)?.setting;
      if (cap !== undefined) add(cap, limitsAbove(config, vmta, cap, limitName));
    }
  }
  const total = lineOf(config.top, 'total-max-smtp-out');
  if (total !== undefined) add(total, limitsAbove(config, undefined, total, 'max-smtp-out'));
  for (const [cap, limits] of hidden) report(context, cap, [...limits]);
}

/** Lines of `name` that count for the virtual-mta and allow more than the cap. */
function limitsAbove(config: PmtaConfig, vmta: VirtualMta | undefined, cap: Setting, name: string): readonly Setting[] {
  const most = limitIn(cap.value);
  if (most === undefined) return [];
  return [config.domains, vmta?.domainPool?.domains, vmta?.domains]
    .flatMap((scope) => probesOf(scope, (line) => line.name === name && exceeds(line, most)))
    .flatMap((domain) => effectiveSettings(config, vmta, domain).get(name)?.setting ?? [])
    .filter((line) => exceeds(line, most));
}

function exceeds({ value }: Setting, most: number): boolean {
  const limit = limitIn(value);
  return limit !== undefined && isMore(limit, most);
}

function report({ diagnostics }: OpinionContext, cap: Setting, limits: readonly Setting[]): void {
  const [first] = limits;
  if (first === undefined) return;
  const more = limits.length > 1 ? ` and ${limits.length - 1} other ${limits.length === 2 ? 'line' : 'lines'}` : '';
  const holes = { limit: `${first.name} ${first.raw}${more}`, cap: `${cap.name} ${cap.raw}` };
  const related = limits.map((line): { span: Span; message: string } => ({
    span: line.valueSpan,
    message: 'cannot be reached',
  }));
  diagnostics.report('limit-above-cap', cap.valueSpan, holes, related);
}
