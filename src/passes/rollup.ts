import { releaseAtLeast } from '../kumo/format';
import type { ProviderMatch } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { addEntry, addOrigins, emptyProvider, getOrAdd } from './policy-writer';

const NAME = 'rollup';

/** Limits of a queue that a provider of KumoMTA shares among all its sites, for each source. */
const SHARED = [
  ['connection_limit', 'provider_connection_limit', 'additional_connection_limits'],
  ['max_message_rate', 'provider_max_message_rate', 'additional_message_rate_throttles'],
] as const;

/**
 * `<mx-rollup-list>`: domains whose mail exchangers fit share one queue, with the limits of `<domain NAME.rollup>` (M5
 * 10.17). KumoMTA's providers do the same by MX host and keep each domain's own mail exchangers; what the rollup queue
 * says about retry stays with the recipient domains there.
 */
export const rollupPass: Pass = {
  name: NAME,
  needs: ['shaping', 'caps', 'routing', 'backoff'],
  run(context) {
    const groups = new Map<string, { match: ProviderMatch[]; lines: Setting[] }>();
    for (const block of context.config.top.blocks.filter(({ kind }) => kind === 'mx-rollup-list')) {
      if (block.tag !== undefined) context.ledger.settle(block.tag, 'approximate', NAME, block.tag.row?.note);
      for (const line of block.settings) {
        if (line.value?.kind !== 'mx-rollup') continue;
        const group = getOrAdd(groups, line.value.queue.toLowerCase(), () => ({ match: [], lines: [] }));
        group.match.push(matchOf(line.value.pattern.toLowerCase(), context.options.target));
        group.lines.push(line);
      }
    }
    for (const [queue, { match, lines }] of groups) makeProvider(context, queue, match, lines);
  },
};

/** Whole host names since 2025.01.23; before that a suffix that is the whole name comes nearest. */
export function matchOf(pattern: string, target: string): ProviderMatch {
  if (pattern.startsWith('*')) return { MXSuffix: pattern.slice(1) };
  return releaseAtLeast(target, '2025.01.23') ? { HostName: pattern } : { MXSuffix: pattern };
}

function makeProvider(context: PassContext, queue: string, match: ProviderMatch[], lines: readonly Setting[]): void {
  const { shaping } = context.policy;
  const block = shaping.domains.get(queue);
  const provider = emptyProvider(queue.replace(/\.rollup$/, ''), match);
  addOrigins(provider, lines);
  for (const line of lines) context.ledger.settle(line, 'approximate', NAME, line.row?.note);
  if (block === undefined) {
    context.diagnostics.report('rollup-without-limits', lines[0]?.span, { queue });
    return;
  }
  shaping.domains.delete(queue);
  for (const [name, value] of block.fields) provider.fields.set(name, value);
  for (const [source, fields] of block.sources) provider.sources.set(source, fields);
  provider.automation.push(...block.automation);
  provider.origins.push(...block.origins);
  for (const [own, shared, additional] of SHARED) {
    // Without a limit of its own the queue has the general one, and all its domains share that, too.
    const limit = provider.fields.get(own) ?? shaping.default.fields.get(own);
    if (limit !== undefined) provider.fields.set(shared, limit);
    for (const [source, { fields }] of provider.sources) {
      const value = fields.get(own)?.value;
      // A provider has one shared limit for all sources; one of a source needs a name of its own.
      if (value !== undefined) addEntry(fields, additional, `pmta-rollup:${provider.name}:${source}`, value, []);
    }
  }
  shaping.providers.push(provider);
  noteQueueSettings(context, queue);
}

/** Retry, age and routing of the rollup queue have no domain to stand under. */
function noteQueueSettings(context: PassContext, queue: string): void {
  const { ledger, policy } = context;
  policy.queues.delete(queue);
  for (const { block, patterns } of context.config.domains.blocks) {
    if (!patterns.some((pattern) => 'name' in pattern && pattern.name === queue)) continue;
    for (const line of block.settings) {
      const by = ledger.entry(line)?.by;
      if (by !== 'queues' && by !== 'routing') continue;
      const note =
        'Retry, age and routes of a rollup queue stay with the recipient domains in KumoMTA: set them there.';
      ledger.settle(line, 'manual', by, note);
    }
  }
}
