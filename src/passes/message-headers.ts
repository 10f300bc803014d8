import { releaseAtLeast } from '../kumo/format';
import { vmtaSettings } from '../pmta/match';
import type { EffectiveSettings, Setting } from '../pmta/model';
import { isAddress } from './addresses';
import { claimCopy } from './copies';
import { domainRows } from './domain-rows';
import { tenantsOf } from './names';
import type { Pass, PassContext } from './pass';
import { hasPlaces } from './places';
import { settleByRow } from './settle';

const NAME = 'message-headers';

/** Release from which policy can read plain files, and put further messages into the queues. */
const FILES_AND_COPIES_SINCE = '2025.10.06';

const BY_DOMAIN: ReadonlySet<string> = new Set([
  'add-x-msys-api-header',
  'bcc-upon-delivery',
  'remove-header',
  'sparkpost-ip-pool',
  'sparkpost-sandbox',
]);

/**
 * What depends on the virtual-mta or the recipient's domain: headers put in and taken off (M5 3.3.1.33.3, 3.3.7.8,
 * 3.3.10.99), and copies of what was delivered (M5 3.3.10.12).
 */
export const messageHeadersPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    includeHeaders(context);
    byDomain(context);
    nameVirtualMtas(context);
  },
};

/** The global file and those of the virtual-mta all count. */
function includeHeaders(context: PassContext): void {
  const { config, ledger, options } = context;
  const { headerFiles } = context.policy.lua.reception;
  const lines = config.settings.filter((line) => line.name === 'include-headers-from' && line.value !== undefined);
  if (!releaseAtLeast(options.target, FILES_AND_COPIES_SINCE)) {
    const note = `KumoMTA reads plain files from release ${FILES_AND_COPIES_SINCE} on.`;
    for (const line of lines) ledger.settle(line, 'unsupported', NAME, note);
    return;
  }
  for (const vmta of [undefined, ...config.virtualMtas.values()]) {
    const own = vmtaSettings(config, vmta, 'include-headers-from');
    // What stands further outside is put in first, and so ends up above.
    const files = own.filter((line) => line.raw.trim() !== '""').map((line) => fileOf(context, line));
    const global = headerFiles.get('') ?? [];
    if (files.length === 0 || (vmta !== undefined && files.join('\n') === global.join('\n'))) continue;
    for (const tenant of tenantsOf(context, vmta)) headerFiles.set(tenant, files);
  }
  for (const line of lines) if (!ledger.isSettled(line)) settleByRow(context, line, NAME);
}

function fileOf(context: PassContext, line: Setting): string {
  const path = line.value?.kind === 'text' ? line.value.value : '';
  const base = path.replace(/^.*[/\\]/, '').replace(/[^A-Za-z0-9._-]/g, '_') || 'headers';
  const target = (n: number) => `${context.options.installDir}/lists/${n === 1 ? '' : `${n}-`}${base}`;
  return claimCopy(context, path, target, 'header lines', line);
}

function byDomain(context: PassContext): void {
  const { reception } = context.policy.lua;
  const copies = releaseAtLeast(context.options.target, FILES_AND_COPIES_SINCE);
  reception.removals.push(...domainRows(context, ['remove-header'], (settings) => listIn(settings, 'remove-header')));
  if (copies) {
    const addresses = (settings: EffectiveSettings) => listIn(settings, 'bcc-upon-delivery')?.filter(isAddress);
    reception.deliveryCopies.push(...domainRows(context, ['bcc-upon-delivery'], addresses));
  }
  const api = ['add-x-msys-api-header', 'sparkpost-ip-pool', 'sparkpost-sandbox'];
  reception.apiHeaders.push(...domainRows(context, api, apiHeader));
  for (const rows of [reception.removals, reception.deliveryCopies, reception.apiHeaders]) {
    if (rows.every(({ value }) => value.length === 0)) rows.splice(0);
  }
  for (const line of context.config.settings) {
    if (line.scope.kind === 'domain' && BY_DOMAIN.has(line.name) && line.value !== undefined && hasPlaces(line.scope))
      settleLine(context, line, copies);
  }
}

function settleLine(context: PassContext, line: Setting, copies: boolean): void {
  const { ledger } = context;
  if (ledger.isSettled(line)) return;
  if (line.name === 'bcc-upon-delivery' && !copies) {
    ledger.settle(line, 'unsupported', NAME, `KumoMTA can do this from release ${FILES_AND_COPIES_SINCE} on.`);
  } else if (line.name === 'bcc-upon-delivery' && line.value?.kind === 'list' && !line.value.values.every(isAddress)) {
    ledger.settle(line, 'invalid', NAME, 'It is no address.');
  } else settleByRow(context, line, NAME);
}

function listIn(settings: EffectiveSettings, name: string): readonly string[] | undefined {
  const value = settings.get(name)?.value;
  return value?.kind === 'list' ? value.values : undefined;
}

/** Options as SparkPost's SMTP API takes them; '' where the header is not asked for. */
function apiHeader(settings: EffectiveSettings): string | undefined {
  const on = settings.get('add-x-msys-api-header')?.value;
  if (on?.kind !== 'bool') return undefined;
  const pool = settings.get('sparkpost-ip-pool')?.value;
  const sandbox = settings.get('sparkpost-sandbox')?.value;
  const options = {
    ...(pool?.kind === 'text' && pool.value !== '' ? { ip_pool: pool.value } : {}),
    ...(sandbox?.kind === 'bool' && sandbox.value ? { sandbox: true } : {}),
  };
  return on.value ? JSON.stringify({ options }) : '';
}

/** Tenants are in lower case and may be renamed; headers name virtual-mtas as the configuration does. */
function nameVirtualMtas({ config, egress, policy }: PassContext): void {
  for (const { name } of [...config.virtualMtas.values(), ...config.pools.values()]) {
    const tenant = egress.tenantOf.get(name.toLowerCase());
    if (tenant !== undefined && tenant !== name) policy.lua.reception.vmtaNames.set(tenant, name);
  }
}
