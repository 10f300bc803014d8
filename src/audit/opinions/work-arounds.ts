import type { OpinionContext } from './opinion';

/** Directives that answer to something of PowerMTA, or of servers of long ago, sorted. Their rows say why they can go. */
export const WORK_AROUNDS: readonly string[] = [
  '<dns>',
  'broken-auth-clients',
  'delete-file-holders',
  'host-id',
  'ignore-chunking',
  'ignore-dsn',
  'log-auto-rotation',
  'max-events-recorded',
  'pickup-retry-interval',
  'pix-bug-workaround',
  'retry-upon-new-mail',
  'run-as-root',
  'smtp-multiple-line-response-timeout',
  'thread-max-priority',
  'thread-min-priority',
  'thread-reuse',
  'total-max-file',
  'track-recipient-events',
];

/** Work-arounds that KumoMTA does not need; a line with a value that matters all the same is not among them. */
export function workArounds({ config, ledger, diagnostics }: OpinionContext): void {
  for (const setting of config.settings) {
    if (!WORK_AROUNDS.includes(setting.name) || ledger.entry(setting)?.outcome !== 'implicit') continue;
    const why = setting.row?.note ?? '';
    diagnostics.report('work-around-needless', setting.span, { directive: setting.name, why });
  }
}
