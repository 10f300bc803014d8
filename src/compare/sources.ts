import { vmtaSetting, vmtaSettings } from '../pmta/match';
import type { Setting } from '../pmta/model';
import { NOBODY } from './routes';
import type { Comparison, KumoPath, PmtaPath } from './sides';

/** Lines that give a source an address in another way, which is not compared. */
const OTHERS = ['smtp-proxy-source-host', 'smtp-source-ip', 'use-proxy'];

type SourceHost = Readonly<{ address: string; host?: string }>;

/** Addresses that mail leaves from, and the names that it greets with. */
export function compareSources(pmta: PmtaPath, kumo: KumoPath): readonly Comparison[] {
  const lines = vmtaSettings(pmta.config, pmta.vmta, 'smtp-source-host');
  const hosts = lines.flatMap(({ value }): readonly SourceHost[] => (value.kind === 'source-host' ? [value] : []));
  const others = OTHERS.some((name) => vmtaSettings(pmta.config, pmta.vmta, name).length > 0);
  // Words for all addresses of the machine are no source-host.
  if (hosts.length !== lines.length || (others && kumo.sources.length > 0)) return [];
  const wanted = listed(hosts.map(({ address }) => address.toLowerCase()));
  const found = listed([...kumo.sourceFields.values()].flatMap(({ source_address: address }) => textOf(address) ?? []));
  const read = [{ from: 'source', field: 'source_address' }, { from: 'pool' }] as const;
  const base = { directive: 'smtp-source-host', lines, read, pmta: wanted };
  if (kumo.pool === '' && kumo.message === undefined)
    return [{ ...base, kumo: 'unknown', verdict: 'not-comparable', why: NOBODY }];
  const unread = unreadHost(pmta);
  if (unread !== undefined)
    return [{ ...base, lines: [unread], kumo: found, verdict: 'not-comparable', why: 'Its address cannot be read.' }];
  if (kumo.sources.length === 0)
    return [{ ...base, kumo: 'no source', verdict: 'differs', why: 'Mail has no source to leave from.' }];
  if (wanted !== found) return [{ ...base, kumo: found, verdict: 'differs', why: 'Mail leaves from other addresses.' }];
  return [{ ...base, kumo: found, verdict: 'equal', why: '' }, ...greetings(pmta, hosts, kumo)];
}

/** Names in EHLO; one that is no host name is never used. */
function greetings(pmta: PmtaPath, hosts: readonly SourceHost[], { sourceFields }: KumoPath): readonly Comparison[] {
  const names = new Map(hosts.map(({ address, host }) => [address.toLowerCase(), host?.toLowerCase()]));
  const line = vmtaSetting(pmta.config, pmta.vmta, 'host-name')?.value;
  const general = line?.kind === 'text' ? line.value.toLowerCase() : undefined;
  return [...sourceFields].flatMap(([source, fields]): readonly Comparison[] => {
    const address = textOf(fields['source_address']);
    const wanted = address === undefined ? general : names.get(address);
    const found = textOf(fields['ehlo_domain']) ?? 'the name of the host';
    if (wanted === undefined || wanted === found || !/^[\w.-]+$/.test(wanted)) return [];
    const directive = `smtp-source-host of ${source}`;
    const why = 'It greets with another name.';
    return [
      {
        directive,
        pmta: wanted,
        kumo: found,
        verdict: 'differs',
        why,
        read: [{ from: 'source', field: 'ehlo_domain' }],
      },
    ];
  });
}

function unreadHost({ vmta }: PmtaPath): Setting | undefined {
  const own = vmta.blocks.flatMap(({ settings }) => settings);
  return own.find(({ name, value }) => name === 'smtp-source-host' && value === undefined);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0 ? "the system's choice" : [...new Set(addresses)].sort().join(', ');
}
