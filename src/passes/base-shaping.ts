import { BASE_BLOCKS, type BaseBlock, baseShapingFiles } from '../kumo/base-shaping';
import { NO_RATE_LIMIT, sameValue } from '../kumo/format';
import type { Field, FieldMap, KumoValue } from '../kumo/model';
import type { Pass, PassContext } from './pass';
import { resolvePathField } from './path-resolution';
import { ANY_PROVIDER, blockIn, emptyProvider, pathBlock } from './policy-writer';

const NAME = 'base-shaping';

/** Nothing in KumoMTA can be unset, so these stand for "no limit". */
const UNLIMITED: ReadonlyMap<string, KumoValue> = new Map<string, KumoValue>([
  ['max_connection_rate', NO_RATE_LIMIT],
  ['max_message_rate', NO_RATE_LIMIT],
  ['provider_connection_limit', 100_000],
]);

/** Names that no provider of the configuration keeps. */
const SHIPPED: ReadonlySet<string> = new Set(
  BASE_BLOCKS.filter(({ kind }) => kind === 'provider').map(({ name }) => name),
);

/**
 * `--base-shaping`: KumoMTA's own shaping files are loaded below the tree's, for their rules. Whatever they set in a
 * narrower place than PowerMTA's value would win over it, so PowerMTA's value is written there again.
 */
export const baseShapingPass: Pass = {
  name: NAME,
  needs: ['shaping', 'backoff', 'rollup', 'mx-sharing', 'internal-queues'],
  run(context) {
    const files = baseShapingFiles(context.options.baseShaping);
    const blocks = BASE_BLOCKS.filter(({ file }) => files.includes(file));
    if (blocks.length === 0) return;
    context.policy.shaping.base.push(...files);
    renameOwnProviders(context);
    // Domains first: what they would get from everything else has to be known before providers are written over.
    for (const kind of ['domain', 'provider', 'default'] as const) {
      for (const block of blocks) if (block.kind === kind) writeOver(context, block);
    }
    context.diagnostics.report('base-shaping', undefined, {
      files: files.join(' and '),
      blocks: blocks.map(({ name }) => name || 'default').join(', '),
    });
  },
};

/** A provider of the same name as a shipped one would become one with it. */
function renameOwnProviders({ policy }: PassContext): void {
  const { providers } = policy.shaping;
  for (const [index, provider] of providers.entries()) {
    if (SHIPPED.has(provider.name)) providers[index] = { ...provider, name: `pmta-${provider.name}` };
  }
}

function writeOver(context: PassContext, block: BaseBlock): void {
  if (block.kind === 'default') overDefault(context, block);
  else if (block.kind === 'provider') overProvider(context, block);
  else overDomain(context, block);
}

function overDefault({ policy, options }: PassContext, { fields }: BaseBlock): void {
  // Whoever wants KumoMTA's defaults wants these as well.
  if (options.pmtaDefaults === 'skip') return;
  for (const [name, shipped] of Object.entries(fields)) {
    const value = UNLIMITED.get(name);
    if (value !== undefined) setUnset(policy.shaping.default.fields, name, value, shipped);
  }
}

/** The files of the tree come later, so what they say of a provider of the same name replaces what it had. */
function overProvider({ policy }: PassContext, { name, suffixes, fields }: BaseBlock): void {
  const provider = emptyProvider(
    name,
    suffixes.map((suffix) => ({ MXSuffix: suffix })),
  );
  for (const [field, shipped] of Object.entries(fields)) {
    const general = policy.shaping.default.fields.get(field)?.value;
    const value = field.startsWith('provider_') ? UNLIMITED.get(field) : general;
    if (value !== undefined && !sameValue(value, shipped)) setUnset(provider.fields, field, value, shipped);
  }
  if (provider.fields.size === 0) return;
  // Before those of the configuration, which say more.
  const { providers } = policy.shaping;
  const own = providers.findIndex(({ name: known }) => known !== ANY_PROVIDER && !SHIPPED.has(known));
  providers.splice(own === -1 ? providers.length : own, 0, provider);
}

/** A domain's block beats everything that follows a source, so the sources' values are repeated in it. */
function overDomain(context: PassContext, { name, fields }: BaseBlock): void {
  const { policy } = context;
  const sources = new Set(policy.shaping.providers.flatMap((provider) => [...provider.sources.keys()]));
  const wanted = Object.keys(fields).map((field) => ({
    field,
    value: resolvePathField(context, name, undefined, field),
    bySource: [...sources].map((source) => ({ source, value: resolvePathField(context, name, source, field) })),
  }));
  for (const { field, value, bySource } of wanted) {
    const shipped = fields[field];
    if (value === undefined || shipped === undefined) continue;
    if (!sameValue(value, shipped)) setUnset(pathBlock(policy, name).fields, field, value, shipped);
    for (const each of bySource) {
      if (each.value === undefined || sameValue(each.value, value)) continue;
      setUnset(blockIn(pathBlock(policy, name).sources, each.source).fields, field, each.value, shipped);
    }
  }
}

function setUnset(fields: FieldMap, name: string, value: KumoValue, shipped: KumoValue): void {
  if (fields.has(name)) return;
  const over: Field = { value, origins: [], comment: `KumoMTA ships ${String(shipped)}` };
  fields.set(name, over);
}
