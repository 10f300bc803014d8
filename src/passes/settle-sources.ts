import { releaseAtLeast } from '../kumo/format';
import type { Setting } from '../pmta/model';
import { httpNote, httpSource, isInternalSource, isSmtpOnly, notOverHttp, settleTrace, unfedNote } from './http-source';
import type { PassContext } from './pass';
import { tooNewForTarget } from './session-limits';
import { settleByRow } from './settle';
import { EXTRA_SWITCHES, EXTRAS, settleExtra } from './source-extras';
import { isUnique, SWITCHES } from './source-rules';
import { refuseForTarget } from './target';

/** The pass in whose name the lines are settled. */
const NAME = 'selection';

const TAKEN: ReadonlySet<string> = new Set([
  // The passes that write who may relay settle that one.
  ...SWITCHES.map(([directive]) => directive).filter((directive) => directive !== 'always-allow-relaying'),
  ...EXTRAS,
  'add-date-header',
  'default-virtual-mta',
  'jobid-header',
  'pattern-list',
  'remove-header',
  'smtp-max-auth-failure-rate',
]);

/** Settles the lines of all sources; `names` are the named ones that a listener or user refers to. */
export function settleSources(context: PassContext, names: readonly string[]): void {
  const http = httpSource(context.config);
  for (const source of context.config.sources) {
    const name = source.name.toLowerCase();
    const applies = source.cidr !== undefined || names.includes(name);
    for (const block of source.blocks) {
      if (applies) settleApplied(context, block.settings, block.tag);
      else if (name === http) settleHttp(context, name, block.settings, block.tag);
      else settleUnused(context, source.name, block.settings, block.tag);
    }
  }
}

function settleHttp(context: PassContext, name: string, settings: readonly Setting[], tag: Setting | undefined): void {
  const converted = settings.filter(
    (line) =>
      line.value !== undefined &&
      TAKEN.has(line.name) &&
      !settleTrace(context, line, NAME) &&
      !isSmtpOnly(line.name.replaceAll('-', '_')),
  );
  settleApplied(context, converted, tag);
  for (const line of [...(tag === undefined ? [] : [tag]), ...converted]) {
    context.ledger.settle(line, 'approximate', NAME, httpNote(name));
  }
  settleUnused(context, name, settings, tag);
}

function settleApplied(context: PassContext, settings: readonly Setting[], tag: Setting | undefined): void {
  if (tag !== undefined) context.ledger.settle(tag, 'exact', NAME);
  for (const line of settings) {
    if (line.value === undefined || !TAKEN.has(line.name) || context.ledger.isSettled(line)) continue;
    const needed = tooNewForTarget(context, line);
    if (line.name === 'jobid-header' && line.value.kind === 'text' && isUnique(line.value.value)) {
      const unique =
        'The header is different in each message, and each campaign of KumoMTA has a queue of its own: the job is kept for the records only, as x_pmta_job, and there is nothing to suspend by it.';
      context.ledger.settle(line, 'approximate', NAME, unique);
    } else if (EXTRAS.has(line.name) || EXTRA_SWITCHES.has(line.name)) {
      settleExtra(context, line, NAME);
    } else if (line.name === 'allow-auth' && !releaseAtLeast(context.options.target, '2025.01.23')) {
      context.ledger.settle(line, 'approximate', NAME, 'Before release 2025.01.23 AUTH is still offered, and refused.');
    } else if (needed !== undefined) {
      refuseForTarget(context, line, NAME, 'can do so', needed);
    } else if (!isKnown(context, line))
      context.ledger.settle(line, 'invalid', NAME, 'It names something that is not defined.');
    else settleByRow(context, line, NAME);
  }
}

function isKnown(context: PassContext, line: Setting): boolean {
  const name = line.value?.kind === 'text' ? line.value.value.toLowerCase() : '';
  if (line.name === 'pattern-list') return context.config.named.get('pattern-list')?.has(name) === true;
  if (line.name !== 'default-virtual-mta') return true;
  return name === 'by-smtp-source-ip' || context.egress.tenantOf.has(name);
}

function settleUnused(
  context: PassContext,
  name: string,
  settings: readonly Setting[],
  tag: Setting | undefined,
): void {
  const internal = notOverHttp(context.config, name);
  const note = internal ?? unfedNote(name);
  for (const line of [...(tag === undefined ? [] : [tag]), ...settings]) {
    if (!context.ledger.isSettled(line))
      context.ledger.settle(line, internal === undefined ? 'implicit' : 'manual', NAME, note);
  }
  if (!isInternalSource(name) && tag !== undefined) context.diagnostics.report('source-unused', tag.span, { name });
}
