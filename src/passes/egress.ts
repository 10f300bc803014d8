import { emptyBlock, type FieldBlock } from '../kumo/model';
import { vmtaSetting, vmtaSettings } from '../pmta/match';
import type { Setting, VirtualMta } from '../pmta/model';
import { addressesIn } from './cidr';
import { assignTenants } from './names';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, openingTags, setField } from './policy-writer';
import { proxyOf } from './proxies';

const NAME = 'egress';

/** How many addresses of a range become sources without being told which ones this host has: a /28. */
const MAX_RANGE = 16;

/** Directives that say by which addresses mail leaves. */
const ADDRESS_LINES: readonly string[] = ['smtp-source-host', 'smtp-proxy-source-host', 'smtp-source-ip'];

interface Address {
  readonly source: string;
  readonly fields: FieldBlock['fields'];
  readonly settings: readonly Setting[];
}

/**
 * A virtual-mta becomes one egress source per address, a pool of its own name over them, and a tenant that uses the
 * pool, because PowerMTA lets a message name either a virtual-mta or a pool (M5 8.2, 8.3; KumoMTA sources helper).
 */
export const egressPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    assignTenants(context);
    for (const vmta of context.config.virtualMtas.values()) convertVirtualMta(context, vmta);
  },
};

function convertVirtualMta(context: PassContext, vmta: VirtualMta): void {
  const { policy, egress, ledger } = context;
  const key = vmta.name.toLowerCase();
  const addresses = addressesOf(context, vmta);
  for (const { source, fields, settings } of addresses) {
    const block = blockIn(policy.sources, source);
    for (const [name, value] of fields) block.fields.set(name, value);
    addOrigins(block, settings);
  }
  egress.sourcesOf.set(
    key,
    addresses.map(({ source }) => source),
  );
  const tags = openingTags(vmta.blocks);
  const pool = { entries: new Map(addresses.map(({ source }) => [source, 1])), origins: [], comments: [] as string[] };
  addOrigins(pool, tags);
  if (addresses.length === 0) pool.comments.push('no address that KumoMTA could use: mail of this pool waits');
  policy.pools.set(vmta.name, pool);
  const tenant = blockIn(policy.tenants, egress.tenantOf.get(key) ?? key);
  tenant.fields.set('egress_pool', { value: vmta.name, origins: tags.map((tag) => tag.span) });
  addOrigins(tenant, tags);
  for (const tag of tags) ledger.settle(tag, 'exact', NAME);
  if (addresses.length > 1) for (const { source } of addresses) policy.lua.sharedLimits.set(source, vmta.name);
}

/** Every address a virtual-mta sends from; a virtual-mta without one leaves the choice to the system, as in PowerMTA. */
function addressesOf(context: PassContext, vmta: VirtualMta): readonly Address[] {
  const { config } = context;
  const host = vmtaSetting(config, vmta, 'host-name');
  takeHostName(context, vmta);
  const lost = addressIsLost(context, vmta);
  const lines = lost ? [] : ADDRESS_LINES.flatMap((name) => vmtaSettings(config, vmta, name));
  const proxy = proxyOf(context, vmta);
  const made = lines.flatMap((line) => addressesOfLine(context, line, NAME));
  if (lines.length === 0 && !lost) made.push({ fields: new Map(), settings: [] });
  return made.map(({ address, fields, settings }) => {
    const all = proxy === undefined ? settings : [...settings, ...proxy.settings];
    for (const [name, value] of proxy?.fields ?? []) fields.set(name, value);
    if (!fields.has('ehlo_domain') && host?.value.kind === 'text') {
      setField(fields, 'ehlo_domain', host.value.value, [host.setting]);
    }
    const source = made.length === 1 ? vmta.name : `${vmta.name}#${address ?? ''}`;
    return { source, fields, settings: all };
  });
}

/**
 * Whether the addresses that a virtual-mta asks for, itself or by the nearest wider level, are in lines that cannot be
 * read. Its mail then must not leave by another address.
 */
function addressIsLost({ config }: PassContext, vmta: VirtualMta): boolean {
  const levels = [vmta.blocks, ...vmta.pools.map(({ blocks }) => blocks), [config.top]];
  for (const blocks of levels) {
    const lines = blocks.flatMap((block) => block.settings).filter(({ name }) => ADDRESS_LINES.includes(name));
    if (lines.some(({ value }) => value !== undefined)) return false;
    if (lines.some(({ fault }) => fault === 'invalid')) return true;
  }
  return false;
}

export interface RawAddress {
  readonly address?: string;
  readonly fields: FieldBlock['fields'];
  readonly settings: readonly Setting[];
}

/** The addresses of one line, settled as `by`; none where they cannot be listed. */
export function addressesOfLine(context: PassContext, line: Setting, by: string): RawAddress[] {
  const { value } = line;
  const { ledger } = context;
  if (value?.kind === 'proxy-source-host') {
    ledger.settle(line, 'exact', by);
    const { fields } = emptyBlock();
    setField(fields, 'source_address', value.local, [line]);
    setField(fields, 'ha_proxy_server', value.server, [line]);
    setField(fields, 'ha_proxy_source_address', value.client, [line]);
    setField(fields, 'ehlo_domain', value.host, [line]);
    return [{ address: value.client, fields, settings: [line] }];
  }
  const range = value?.kind === 'source-host' ? value.address : value?.kind === 'text' ? value.value : undefined;
  const host = value?.kind === 'source-host' ? value.host : undefined;
  if (range === undefined) return [];
  const addresses = addressesIn(range, MAX_RANGE);
  settleAddressLine(context, line, range, addresses, by);
  if (host !== undefined && !isHostName(host)) refuseName(context, line, host, by);
  return (addresses ?? []).map((address) => {
    const { fields } = emptyBlock();
    setField(fields, 'source_address', address, [line]);
    if (host !== undefined && isHostName(host)) setField(fields, 'ehlo_domain', host, [line]);
    return { address, fields, settings: [line] };
  });
}

/** What may be said in EHLO: letters, digits, dots and dashes, and underscores, which some hosts have. */
function isHostName(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})$/.test(text);
}

function refuseName(context: PassContext, line: Setting, host: string, by: string): void {
  context.diagnostics.report('host-name-invalid', line.valueSpan, { host });
  context.ledger.settle(line, 'invalid', by, 'The name is no host name and is left out; the address is used.');
}

function settleAddressLine(
  context: PassContext,
  line: Setting,
  range: string,
  addresses: readonly string[] | undefined,
  by: string,
): void {
  const { ledger, diagnostics } = context;
  // A global line serves every virtual-mta without own addresses and comes by once for each.
  const first = !ledger.isSettled(line);
  if (addresses === undefined) {
    ledger.settle(line, 'manual', by, 'KumoMTA needs one source per address: list the addresses of this range.');
    if (first) diagnostics.report('address-range', line.valueSpan, { range });
  } else if (addresses.length > 1) {
    const note = 'Every address of the range became a source; PowerMTA uses only those that this host has.';
    ledger.settle(line, 'approximate', by, note);
    const count = String(addresses.length);
    if (first) diagnostics.report('address-range-expanded', line.valueSpan, { range, count });
  } else {
    ledger.settle(line, 'exact', by);
  }
}

/** The virtual-mta's own name for EHLO; the global one also names the listeners, whose pass settles it. */
function takeHostName(context: PassContext, vmta: VirtualMta): void {
  for (const line of vmtaSettings(context.config, vmta, 'host-name')) {
    if (line.scope.kind === 'virtual-mta') context.ledger.settle(line, 'exact', NAME);
  }
}
