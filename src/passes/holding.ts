import { effectiveSettings } from '../pmta/match';
import type { PmtaConfig, Setting, VirtualMta } from '../pmta/model';

/** A queue whose pool has no sources: its mail waits until somebody decides. */
export const HOLD = 'pmta-hold';

/** How mail of a queue leaves (M5 3.3.10.51). */
export function typeOf(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): string {
  const found = effectiveSettings(config, vmta, domain).get('type');
  return found?.value.kind === 'text' ? found.value.value : 'smtp';
}

/** Whether mail of a queue leaves in a way that KumoMTA does not have. */
export function isHeld(config: PmtaConfig, vmta: VirtualMta | undefined, domain: string): boolean {
  return isHeldType(typeOf(config, vmta, domain));
}

/** Whether a line asks for a type that holds mail somewhere. */
export function asksForHolding({ name, value, scope }: Setting): boolean {
  return scope.kind === 'domain' && name === 'type' && value?.kind === 'text' && isHeldType(value.value);
}

function isHeldType(type: string): boolean {
  return type !== 'smtp' && type !== 'discard';
}
