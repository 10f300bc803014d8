import { effectiveSettings } from '../pmta/match';
import type { VirtualMta } from '../pmta/model';
import type { PassContext } from './pass';
import type { PathField, Wanted } from './path-fields';
import { lookupIn } from './path-lookup';
import type { Place } from './places';
import { throttlePerSecond } from './rates';

const noted = new WeakMap<PassContext, Set<string>>();

/** Says where a virtual-mta's general line beats a special line at the top level and allows more (decided, unknowns A.3). */
export function noteScopeChoice(
  context: PassContext,
  vmta: VirtualMta,
  place: Place,
  row: PathField,
  wanted: Wanted,
): void {
  const [line] = wanted.settings;
  if (line === undefined || place.pattern.form === 'any') return;
  const winner = effectiveSettings(context.config, vmta, place.domain).get(line.name);
  if (winner === undefined || winner.from === 'global' || winner.pattern.form === place.pattern.form) return;
  const special = effectiveSettings(context.config, undefined, place.domain).get(line.name);
  if (special === undefined || special.pattern.form === 'any') return;
  const other = row.read(lookupIn(context, undefined, place.domain), context.options);
  if (other === undefined || !allowsMore(wanted.value, other.value)) return;
  const seen = noted.get(context) ?? new Set<string>();
  noted.set(context, seen);
  const key = String(winner.setting.id);
  if (seen.has(key)) return;
  seen.add(key);
  const related = [{ span: special.setting.span, message: 'the line that it beats' }];
  context.diagnostics.report(
    'scope-choice',
    winner.setting.span,
    { directive: line.name, domain: place.domain },
    related,
  );
}

function allowsMore(a: Wanted['value'], b: Wanted['value']): boolean {
  if (typeof a === 'symbol') return typeof b !== 'symbol';
  if (typeof a === 'number' && typeof b === 'number') return a > b;
  return (
    typeof a === 'string' && typeof b === 'string' && a.includes('/') && throttlePerSecond(a) > throttlePerSecond(b)
  );
}
