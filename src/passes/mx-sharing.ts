import type { Span } from '../diagnostics/span';
import { sameValue } from '../kumo/format';
import type { AutomationRule, FieldBlock, KumoValue, PathBlock } from '../kumo/model';
import type { MxSite } from '../kumo/mx-groups';
import type { Pass, PassContext } from './pass';
import { isTable, resolvePathField } from './path-resolution';
import { ANY_PROVIDER, blockIn, emptyProvider, getOrAdd } from './policy-writer';
import { throttlePerSecond } from './rates';

const NAME = 'mx-sharing';

/** Blocks alike that become one provider: fewer are clearer when they are written out. */
const WORTH_A_PROVIDER = 3;

/**
 * PowerMTA keeps a queue per domain name, KumoMTA a ready queue per set of MX hosts. Blocks of domains that share their
 * MX hosts are therefore one block; where they differ the smaller limit is kept, because the settings of a shared queue
 * are those of whichever domain created it. Related domains with MX hosts of their own (Microsoft's) become one
 * provider when their blocks are alike, which keeps the limit per domain, as in PowerMTA.
 */
export const mxSharingPass: Pass = {
  name: NAME,
  needs: ['shaping', 'backoff'],
  run(context) {
    reportNoMail(context);
    const bySite = new Map<MxSite, [string, PathBlock][]>();
    for (const [domain, block] of context.policy.shaping.domains) {
      const site = block.mxRollup === false ? undefined : context.options.mx.siteOf(domain);
      if (site !== undefined) getOrAdd(bySite, site, () => []).push([domain, block]);
    }
    for (const [site, blocks] of bySite) {
      if (site.separate) makeProviders(context, site, blocks);
      else mergeSite(context, site, blocks);
    }
  },
};

/** KumoMTA reads the block of a domain by its MX hosts, and drops it when there are none. */
function reportNoMail({ policy, options, diagnostics }: PassContext): void {
  for (const [domain, block] of policy.shaping.domains) {
    if (block.mxRollup === false || !options.mx.takesNoMail(domain)) continue;
    diagnostics.report('mx-none', originsOf(block)[0], { domain });
  }
}

function mergeSite(context: PassContext, site: MxSite, blocks: readonly [string, PathBlock][]): void {
  if (blocks.length < 2) return;
  const { domains } = context.policy.shaping;
  const [kept, ...others] = [...blocks].sort(([a], [b]) => site.domains.indexOf(a) - site.domains.indexOf(b));
  if (kept === undefined) return;
  for (const [domain, block] of others) {
    if (block.sources.size !== kept[1].sources.size || contentOf(block) !== contentOf(kept[1])) {
      const related = originsOf(block).map((span) => ({ span, message: `the block of ${domain}` }));
      const holes = { first: kept[0], second: domain };
      context.diagnostics.report('mx-site-differs', originsOf(kept[1])[0], holes, related.slice(0, 1));
      keepStricter(context, kept, [domain, block]);
    }
    kept[1].covers.push(domain);
    addMissing(kept[1].origins, block.origins);
    domains.delete(domain);
  }
}

/**
 * Gives the kept block whatever is stricter of the two, for everybody and for each source. What a block does not say is
 * what it inherits, so both sides are resolved before they are compared.
 */
function keepStricter(
  context: PassContext,
  kept: readonly [string, PathBlock],
  other: readonly [string, PathBlock],
): void {
  const [domain, block] = kept;
  const sources = [undefined, ...new Set([...block.sources.keys(), ...other[1].sources.keys()])];
  const names = new Set(
    [block, other[1]].flatMap((b) => [b, ...b.sources.values()]).flatMap((b) => [...b.fields.keys()]),
  );
  const wanted = sources.flatMap((source) =>
    [...names].map((name) => {
      const [a, b] = [domain, other[0]].map((each) => resolvePathField(context, each, source, name));
      return { source, name, value: stricterOf(a, b) };
    }),
  );
  for (const { source, name, value } of wanted) {
    if (value === undefined || sameValue(value, resolvePathField(context, domain, source, name))) continue;
    const target = source === undefined ? block : blockIn(block.sources, source);
    target.fields.set(name, { value, origins: other[1].origins.slice(0, 1) });
  }
  const known = new Set(block.automation.map(ruleText));
  block.automation.push(...other[1].automation.filter((rule) => !known.has(ruleText(rule))));
}

/** Of tables, entry by entry. */
function stricterOf(a: KumoValue | undefined, b: KumoValue | undefined): KumoValue | undefined {
  if (!isTable(a) || !isTable(b)) return b !== undefined && (a === undefined || isStricter(b, a)) ? b : a;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = stricterOf(a[key], b[key]);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

function isStricter(a: KumoValue, b: KumoValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a !== 'string' || typeof b !== 'string' || !a.includes('/') || !b.includes('/')) return false;
  return throttlePerSecond(a) < throttlePerSecond(b);
}

function makeProviders(context: PassContext, site: MxSite, blocks: readonly [string, PathBlock][]): void {
  const { shaping } = context.policy;
  const alike = new Map<string, [string, PathBlock][]>();
  for (const entry of blocks) getOrAdd(alike, contentOf(entry[1]), () => []).push(entry);
  const [largest] = [...alike.values()].sort((a, b) => b.length - a.length);
  if (largest === undefined || largest.length < WORTH_A_PROVIDER) return;
  const [, model] = largest[0] ?? [];
  if (model === undefined || overriddenByAny(context, model)) return;
  // Domains of the provider that the file does not name must not get more than they had.
  if (loosens(context, largest[0]?.[0] ?? '', model)) return;
  if (blocks.some(([, block]) => leaksInto(block, model))) return;
  const provider = emptyProvider(site.site, [{ MXSuffix: site.suffix }]);
  for (const [name, field] of model.fields) provider.fields.set(name, field);
  for (const [name, source] of model.sources) provider.sources.set(name, source);
  provider.automation.push(...model.automation);
  provider.comments.push(`stands for ${largest.map(([domain]) => domain).join(', ')}`);
  for (const [domain, block] of largest) {
    addMissing(provider.origins, block.origins);
    shaping.domains.delete(domain);
  }
  shaping.providers.push(provider);
  const [span, ...others] = provider.origins;
  const holes = { provider: site.site, count: String(largest.length), suffix: site.suffix };
  const related = others.map((other) => ({ span: other, message: 'became a part of it' }));
  context.diagnostics.report('mx-provider', span, holes, related);
}

/** True when some field allows more, to everybody or to one source, than what holds for domains without a block. */
function loosens(context: PassContext, domain: string, block: PathBlock): boolean {
  const fields = [...block.fields].map(([name]) => ({ name, source: undefined }));
  const own = [...block.sources].flatMap(([source, { fields: names }]) =>
    [...names.keys()].map((name) => ({ name, source })),
  );
  return [...fields, ...own].some(({ name, source }) => {
    const value = resolvePathField(context, domain, source, name);
    const general = resolvePathField(context, UNNAMED, source, name);
    if (value === undefined || general === undefined || sameValue(value, general)) return false;
    return !isStricter(value, general);
  });
}

/** True when `block`, which stays, would inherit something from a provider with the content of `model`. */
function leaksInto(block: PathBlock, model: PathBlock): boolean {
  if (contentOf(block) === contentOf(model)) return false;
  const own = [...model.sources].flatMap(([source, { fields }]) =>
    [...fields.keys()].map((name) => ({ source, name })),
  );
  return (
    model.automation.length > 0 ||
    [...model.fields.keys()].some((name) => !block.fields.has(name)) ||
    own.some(({ source, name }) => !block.fields.has(name) && block.sources.get(source)?.fields.has(name) !== true)
  );
}

/** A domain that no configuration has a block for. */
const UNNAMED = 'unnamed.invalid';

/** Where a block comes from; one that only has settings of sources says so there. */
function originsOf(block: PathBlock): readonly Span[] {
  return [...block.origins, ...[...block.sources.values()].flatMap((source) => source.origins)];
}

/**
 * A domain's block beats the settings that follow a source everywhere; a provider's does not. Without a value for that
 * source of its own the block has to stay what it is.
 */
function overriddenByAny(context: PassContext, block: PathBlock): boolean {
  const any = context.policy.shaping.providers.find((provider) => provider.name === ANY_PROVIDER);
  return [...(any?.sources ?? [])].some(([source, fields]) =>
    [...fields.fields.keys()].some(
      (name) => block.fields.has(name) && block.sources.get(source)?.fields.has(name) !== true,
    ),
  );
}

function addMissing(into: Span[], more: readonly Span[]): void {
  const known = new Set(into);
  for (const span of more) if (!known.has(span)) into.push(span);
}

/** Content of a block as a text: equal texts mean equal blocks. */
function contentOf(block: PathBlock): string {
  const sources = [...block.sources].map(([source, fields]) => [source, fieldsText(fields)]);
  return JSON.stringify([fieldsText(block), sources.sort(), block.automation.map(ruleText)]);
}

function fieldsText(block: FieldBlock): string {
  return JSON.stringify([...block.fields].map(([name, { value }]) => [name, value]).sort());
}

function ruleText(rule: AutomationRule): string {
  return JSON.stringify([rule.regex, rule.actions, rule.duration]);
}
