import type { MxSite } from '../../kumo/mx-groups';
import { excerpt, valueOrAll } from '../../pmta/draft';
import { groupBy } from '../../pmta/group-by';
import type { Setting } from '../../pmta/model';
import type { OpinionContext } from './opinion';

/** Lists of domains that KumoMTA puts together by itself, by their MX hosts. */
export function needlessRollups(context: OpinionContext): void {
  for (const macro of context.config.macros.values()) {
    reportSites(context, macro.setting, `the macro ${excerpt(macro.name)}`, macro.values);
  }
  reportQueueTo(context);
  for (const { tag } of context.config.top.blocks.filter(({ kind }) => kind === 'mx-rollup-list')) {
    context.diagnostics.report('rollup-native', tag?.span, {});
  }
}

/** `queue-to` in several domain blocks, all to one queue: the roll-up of before 5.0. */
function reportQueueTo(context: OpinionContext): void {
  const { config } = context;
  const rows = config.domains.blocks.flatMap(({ block, patterns }) => {
    const line = block.settings.find(({ name }) => name === 'queue-to');
    if (line?.value?.kind !== 'text') return [];
    const queue = line.value.value.toLowerCase();
    return patterns.flatMap((pattern) => (pattern.form === 'name' ? [{ queue, line, domain: pattern.name }] : []));
  });
  for (const [queue, own] of groupBy(rows, (row) => row.queue)) {
    const [first] = own;
    if (first === undefined) continue;
    const domains = own.map(({ domain }) => domain);
    reportSites(context, first.line, `those that queue-to sends to ${excerpt(queue)}`, domains);
  }
}

function reportSites({ diagnostics, mx }: OpinionContext, at: Setting, what: string, domains: readonly string[]): void {
  const known = domains.flatMap((domain) => {
    const site = mx.siteOf(domain);
    return site === undefined ? [] : [{ domain, site }];
  });
  for (const [site, own] of groupBy(known, (one) => one.site)) {
    const [first] = own;
    if (first === undefined || own.length < 2) continue;
    const holes = { count: `${own.length} of ${domains.length}`, what, ...wordsFor(site, first.domain) };
    diagnostics.report('list-of-one-site', valueOrAll(at), holes);
  }
}

function wordsFor(
  { site, separate, suffix, domains }: MxSite,
  domain: string,
): { readonly hosts: string; readonly instead: string } {
  if (separate === true) {
    return {
      hosts: `MX hosts below ${suffix}`,
      instead: `one provider block of shaping.toml with MXSuffix = "${suffix}"`,
    };
  }
  return { hosts: `the MX hosts of ${site}`, instead: `one block of shaping.toml for ${domains[0] ?? domain}` };
}
