import type { Outcome } from '../pmta/ledger';
import type { Setting } from '../pmta/model';
import type { PassContext } from './pass';

/**
 * Settles a line that asks for more than the target has, and tells so at the line: the reason and the lowest release that
 * can do it. `what` goes on after the word KumoMTA.
 */
export function refuseForTarget(
  context: PassContext,
  line: Setting,
  by: string,
  what: string,
  since: string,
  outcome: Outcome = 'unsupported',
): void {
  const { ledger, diagnostics, options } = context;
  ledger.settle(line, outcome, by, `KumoMTA ${what} from release ${since} on.`);
  diagnostics.report('target-too-old', line.span, { what, since, target: options.target });
}
