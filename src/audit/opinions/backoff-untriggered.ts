import type { EffectiveSettings, PmtaConfig } from '../../pmta/model';
import type { OpinionContext } from './opinion';
import { placesIn } from './places';

/**
 * Backoff limits of queues that no reply can put into backoff mode (M5 10.3: a pattern does, or an operator, or
 * backoff-upon-all-sources-disabled). Each line is told once, and not where it does work somewhere.
 */
export function backoffUntriggered({ config, diagnostics }: OpinionContext): void {
  const working = new Set<number>();
  const idle = new Map<number, () => void>();
  const lists = listsThatBackOff(config);
  for (const settings of placesIn(config)) {
    const triggered = isTriggered(settings, lists);
    for (const [name, { setting }] of settings) {
      if (!/^backoff-(?:max|retry)-/.test(name)) continue;
      if (triggered) working.add(setting.id);
      else idle.set(setting.id, () => diagnostics.report('backoff-untriggered', setting.span, { directive: name }));
    }
  }
  for (const [id, tell] of [...idle].sort(([a], [b]) => a - b)) if (!working.has(id)) tell();
}

function isTriggered(settings: EffectiveSettings, lists: ReadonlySet<string>): boolean {
  const byDisabling = settings.get('backoff-upon-all-sources-disabled')?.value;
  if (byDisabling?.kind === 'bool' && byDisabling.value) return true;
  const list = settings.get('smtp-pattern-list')?.value;
  return list?.kind === 'text' && lists.has(list.value.toLowerCase());
}

/** Names of the reply lists with a line that asks for backoff; an undefined list is somebody else's message. */
function listsThatBackOff({ named }: PmtaConfig): ReadonlySet<string> {
  const lists = [...(named.get('smtp-pattern-list') ?? [])].filter(([, blocks]) =>
    blocks.some(({ settings }) =>
      settings.some(
        ({ value }) => value?.kind === 'reply' && value.actions.some(({ action }) => action === 'mode-backoff'),
      ),
    ),
  );
  return new Set(lists.map(([name]) => name.toLowerCase()));
}
