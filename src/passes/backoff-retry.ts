import type { ScopeBlock, Setting, VirtualMta } from '../pmta/model';
import { tenantsOf } from './names';
import type { PassContext } from './pass';
import type { Lookup } from './path-fields';
import type { Place } from './places';
import { translateRegex } from './regex';

/**
 * `backoff-retry-after`: in backoff a queue is retried after these intervals instead of its own (M5 3.3.10.40). KumoMTA
 * knows no backoff of a queue, so the wait is that of each message that got a reply which causes the backoff.
 */
export function noteBackoffRetry(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  lists: readonly ScopeBlock[],
  get: Lookup,
  by: string,
): void {
  const retry = get('backoff-retry-after');
  const [first] = lists;
  if (retry?.value.kind !== 'intervals' || retry.value.values.length === 0 || first === undefined) return;
  const { lua } = context.policy;
  const name = first.argument.toLowerCase();
  if (!lua.replyLists.has(name)) lua.replyLists.set(name, patternsOf(lists));
  const own = get('retry-after')?.value;
  const usual = own?.kind === 'intervals' && own.values.length > 0 ? Math.min(...own.values) : 600;
  if (Math.max(...retry.value.values) <= usual) {
    const note =
      'It is not longer than retry-after, which stays the interval: KumoMTA can put an attempt off, not forward.';
    context.ledger.settle(retry.setting, 'approximate', by, note);
    hideWiderWaits(context, vmta, place, retry.setting);
    return;
  }
  for (const tenant of tenantsOf(context, vmta)) {
    lua.backoffRetry.push({
      domain: place.domain === '*' ? 'default' : place.domain,
      tenant,
      list: name,
      seconds: retry.value.values,
      origins: [retry.setting.span],
    });
  }
  context.ledger.settle(retry.setting, 'approximate', by, retry.setting.row?.note);
}

/** A queue without waits of its own in backoff must not take those of a wider one. */
export function hideWiderWaits(
  context: PassContext,
  vmta: VirtualMta | undefined,
  place: Place,
  { span }: Setting,
): void {
  const { backoffRetry } = context.policy.lua;
  if (backoffRetry.length === 0) return;
  const domain = place.domain === '*' ? 'default' : place.domain;
  for (const tenant of tenantsOf(context, vmta)) {
    backoffRetry.push({ domain, tenant, list: '', seconds: [], origins: [span] });
  }
}

/** Regexes of the replies that switch to backoff. */
function patternsOf(lists: readonly ScopeBlock[]): readonly string[] {
  const regexes = lists
    .flatMap((list) => list.settings)
    .flatMap(({ value }) => {
      if (value?.kind !== 'reply' || !value.actions.some(({ action }) => action === 'mode-backoff')) return [];
      const translated = translateRegex(value.regex.pattern);
      return 'regex' in translated ? [translated.regex] : [];
    });
  return [...new Set(regexes)];
}
