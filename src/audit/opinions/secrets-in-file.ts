import { secretStart } from '../../diagnostics/secrets';
import type { Value } from '../../directives/value';
import { valueOrAll } from '../../pmta/draft';
import type { OpinionContext } from './opinion';

/** Secrets that stand in the configuration in the clear, and comments that may hold one. None is ever shown. */
export function secretsInFile({ config, sources, diagnostics }: OpinionContext): void {
  for (const setting of config.settings) {
    if (holdsSecret(setting.value)) {
      diagnostics.report('secret-in-file', valueOrAll(setting), { directive: setting.name });
    }
  }
  for (const source of sources) {
    const starts = source.lineStarts();
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i] ?? 0;
      const text = source.text.slice(start, starts[i + 1] ?? source.text.length).trimEnd();
      if (!/^\s*#/.test(text)) continue;
      const secret = secretStart(text);
      if (secret === undefined || secret >= text.length) continue;
      diagnostics.report('secret-in-comment', { source, start, end: start + text.length }, {});
    }
  }
}

function holdsSecret(value: Value | undefined): boolean {
  switch (value?.kind) {
    case 'secret':
      return value.value !== '';
    case 'path-secret':
    case 'privacy-policy':
      return value.secret !== undefined && value.secret !== '';
    default:
      return false;
  }
}
