import { excerpt, valueOrAll } from '../../pmta/draft';
import type { PmtaConfig, VirtualMta, VirtualMtaPool } from '../../pmta/model';
import { referencesOf } from '../../pmta/references';
import type { OpinionContext } from './opinion';

/** The virtual-mta of mail for which none was chosen; it needs no reference. */
const DEFAULT = '{default}';

/**
 * Virtual-mtas and pools that no line leads to. Where messages may name them (M5 8.4: the X-Virtual-MTA header, the
 * `*vmta` variable, pickup files, the transmissions API) the configuration cannot tell, and that is said once.
 */
export function unusedSenders(context: OpinionContext): void {
  const { config, diagnostics } = context;
  const used = usedSenders(config);
  const unused = [...config.pools, ...config.virtualMtas].filter(([name]) => !used.has(name) && name !== DEFAULT);
  if (isChosenByMessages(config)) {
    const [first] = unused;
    if (first === undefined) return;
    const span = tagSpan(first[1]);
    diagnostics.report('senders-by-message', span, { count: String(unused.length), first: excerpt(first[1].name) });
    return;
  }
  for (const [, sender] of unused) {
    const what = 'members' in sender ? 'pool' : 'virtual-mta';
    diagnostics.report('sender-unused', tagSpan(sender), { what, name: excerpt(sender.name) });
  }
}

/** Lower-cased names of everything that a line, or a pool that a line leads to, names. */
export function usedSenders(config: PmtaConfig): ReadonlySet<string> {
  const used = new Set<string>();
  const add = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    for (const member of config.pools.get(name)?.members ?? []) add(member.name.toLowerCase());
  };
  for (const { name, to } of config.settings.flatMap(referencesOf)) {
    if (to.includes('virtual-mta') || to.includes('virtual-mta-pool')) add(name.toLowerCase());
  }
  const byAddress = config.settings.some(
    ({ name, value }) =>
      name === 'default-virtual-mta' && value?.kind === 'text' && value.value.toLowerCase() === 'by-smtp-source-ip',
  );
  if (byAddress) for (const [name, vmta] of config.virtualMtas) if (hasAddress(vmta)) add(name);
  return used;
}

function hasAddress({ blocks }: VirtualMta): boolean {
  return blocks.some(({ settings }) => settings.some(({ name }) => name === 'smtp-source-host'));
}

function isChosenByMessages({ settings }: PmtaConfig): boolean {
  return settings.some(({ name, value }) => {
    if (name === 'pickup' || name === '<transmissions-api>') return true;
    const allows = name === 'process-x-virtual-mta' || name === 'allow-mailmerge';
    return allows && value?.kind === 'bool' && value.value;
  });
}

function tagSpan({ blocks }: VirtualMta | VirtualMtaPool) {
  const tag = blocks[0]?.tag;
  return tag === undefined ? undefined : valueOrAll(tag);
}
