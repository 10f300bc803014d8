import type { AutomationAction, AutomationRule, KumoValue } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { PassContext } from './pass';
import { lookupIn } from './path-lookup';
import { resolvePathField } from './path-resolution';
import { placesOf } from './places';
import { throttlePerSecond } from './rates';

/**
 * Of two rules that set the same field KumoMTA uses the one that lasts longer, and rules of `default` fire for every
 * domain: one second more lets the domain's own rule win.
 */
export function outlasting(context: PassContext, rule: AutomationRule): AutomationRule {
  const general = context.policy.shaping.default.automation;
  const rival = general.some(
    (other) => other.duration === rule.duration && other.regex.some((r) => rule.regex.includes(r)),
  );
  return rival ? { ...rule, duration: rule.duration + 1 } : rule;
}

/**
 * What a rule of `default` sets is stored for the MX site, which values of a source in a block without rollup beat: such
 * a block needs the rules itself.
 */
export function copyDefaultRules(context: PassContext): void {
  const { shaping } = context.policy;
  const general = lookupIn(context, undefined, '*')('smtp-pattern-list')?.setting;
  for (const [domain, block] of shaping.domains) {
    if (block.mxRollup !== false || block.sources.size === 0 || block.automation.length > 0) continue;
    if (lookupIn(context, undefined, domain)('smtp-pattern-list')?.setting !== general) continue;
    block.automation.push(...shaping.default.automation);
  }
}

const endless = new WeakSet<PassContext>();

export function reportEndless(context: PassContext, line: Setting): void {
  if (endless.has(context)) return;
  endless.add(context);
  context.diagnostics.report('backoff-without-end', line.span, {});
}

/** Says which domains a list of `<domain *>` reaches although they have another one, or none. */
export function reportDefaultReach(context: PassContext): void {
  if (context.policy.shaping.default.automation.length === 0) return;
  const general = lookupIn(context, undefined, '*')('smtp-pattern-list');
  for (const { domain } of placesOf([context.config.domains])) {
    const own = lookupIn(context, undefined, domain)('smtp-pattern-list');
    if (
      own === undefined ||
      general === undefined ||
      own.setting.raw.toLowerCase() === general.setting.raw.toLowerCase()
    )
      continue;
    context.diagnostics.report('backoff-default-reaches', own.setting.span, { domain }, [
      { span: general.setting.span, message: 'the list of <domain *>' },
    ]);
  }
}

/** A rule sets its value for every source, so it must not be more than any source has without it. */
export function noneRaised(
  context: PassContext,
  actions: readonly AutomationAction[],
  domain: string,
): readonly AutomationAction[] {
  const { policy } = context;
  const blocks = [policy.shaping.domains.get(domain), ...policy.shaping.providers];
  const sources = new Set(blocks.flatMap((block) => [...(block?.sources.keys() ?? [])]));
  return actions.map((action) => {
    if (typeof action === 'string') return action;
    let { value } = action;
    for (const source of sources) {
      const own = resolvePathField(context, domain, source, action.set);
      if (own !== undefined && isLess(own, value)) value = own;
    }
    return { set: action.set, value };
  });
}

function isLess(a: KumoValue, b: KumoValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && throttlePerSecond(a) < throttlePerSecond(b);
}
