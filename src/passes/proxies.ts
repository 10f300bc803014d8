import type { FieldMap } from '../kumo/model';
import { vmtaSetting } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { linesOf, winnerOf } from '../pmta/precedence';
import type { PassContext } from './pass';
import { setField } from './policy-writer';

/**
 * The proxy a virtual-mta leaves through. Both HAProxy fields are written or none: with one missing KumoMTA connects
 * directly without a word (M5 10.2; KumoMTA reference, make_egress_source).
 */
export function proxyOf(
  context: PassContext,
  vmta: VirtualMta,
): { readonly fields: FieldMap; readonly settings: readonly Setting[] } | undefined {
  const use = vmtaSetting(context.config, vmta, 'use-proxy');
  if (use?.value.kind !== 'list') return undefined;
  const name = use.value.values[0];
  if (name === undefined) return undefined;
  const blocks = context.config.named.get('proxy')?.get(name.toLowerCase()) ?? [];
  const [server, client] = ['server', 'client'].map((key) => winnerOf(blocks.flatMap((block) => linesOf(block, key))));
  if (server?.value?.kind !== 'text' || client?.value?.kind !== 'proxy-client') return undefined;
  const fields: FieldMap = new Map();
  setField(fields, 'ha_proxy_server', server.value.value, [server]);
  setField(fields, 'ha_proxy_source_address', client.value.address, [client]);
  setField(fields, 'ehlo_domain', client.value.host, [client]);
  const lines = blocks.flatMap((block) => block.settings);
  settle(context, use.setting, use.value.values.length > 1, lines);
  return { fields, settings: [use.setting, server, client] };
}

function settle(context: PassContext, use: Setting, several: boolean, lines: readonly Setting[]): void {
  const { ledger } = context;
  const note = several
    ? 'Only the first proxy is used: KumoMTA has no ordered list of proxies to fall back to.'
    : undefined;
  ledger.settle(use, 'approximate', 'egress', note);
  const tag = lines[0]?.scope.tag;
  if (tag !== undefined) ledger.settle(tag, 'exact', 'egress');
  for (const line of lines) {
    if (line.fault === undefined) ledger.settle(line, 'exact', 'egress');
  }
}
