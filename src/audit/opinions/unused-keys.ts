import { placeOf } from '../../diagnostics/span';
import { groupBy } from '../../pmta/group-by';
import type { PmtaConfig, Setting } from '../../pmta/model';
import { isRead } from '../../pmta/precedence';
import type { OpinionContext } from './opinion';

/** DKIM keys that PowerMTA never signs with: nothing is signed at all, or an earlier key fits all that they fit. */
export function unusedKeys(context: OpinionContext): void {
  const { config, diagnostics } = context;
  const keys = config.settings.filter(({ name, value }) => name === 'domain-key' && value !== undefined);
  if (!signs(config)) {
    for (const key of keys) diagnostics.report('key-unused', key.valueSpan, {});
    return;
  }
  // X-DKIM-Options may name a selector, and so reach keys behind the first.
  if (isOn(config, 'process-x-dkim-options')) return;
  for (const lines of groupBy(keys, ({ scope }) => scope).values()) reportHidden(context, lines);
}

/** Keys of one block are tried in order; the first whose domain is the sender's or above it signs (M5 3.3.1.33.1). */
function reportHidden({ diagnostics }: OpinionContext, lines: readonly Setting[]): void {
  const earlier = new Map<string, Setting>();
  for (const line of lines) {
    if (line.value?.kind !== 'domain-key' || line.scope.kind === 'domain-key-list') continue;
    const domain = line.value.domain.toLowerCase();
    const first = fitting(domain).flatMap((key) => earlier.get(key) ?? [])[0];
    if (first !== undefined) {
      const related = [{ span: first.valueSpan, message: 'this one is taken' }];
      diagnostics.report('key-hidden', line.valueSpan, { place: placeOf(first.span) }, related);
    }
    if (!earlier.has(domain)) earlier.set(domain, line);
  }
}

/** The domains of keys that sign for everything a key for this domain signs for. */
function fitting(domain: string): readonly string[] {
  const labels = domain.split('.');
  return ['*', ...labels.map((_, i) => labels.slice(i).join('.'))];
}

function signs({ settings }: PmtaConfig): boolean {
  return settings
    .filter(isRead)
    .some(
      ({ name, value }) =>
        (name === 'dkim-sign' || name === 'second-dkim-sign') && value.kind === 'text' && isYes(value.value),
    );
}

function isOn({ settings }: PmtaConfig, directive: string): boolean {
  return settings.some(({ name, value }) => name === directive && value?.kind === 'bool' && value.value);
}

function isYes(word: string): boolean {
  return !['no', 'false', ''].includes(word.toLowerCase());
}
