import { releaseAtLeast } from '../kumo/format';
import type { Setting } from '../pmta/model';
import { linesOf } from '../pmta/precedence';
import { addressPattern } from './address-patterns';
import { isAddress, localDomains } from './addresses';
import type { Pass, PassContext } from './pass';
import { addOrigins, blockIn, field } from './policy-writer';
import { settleByRow } from './settle';

const NAME = 'forwarding';

/** Release in which policy can put further messages into the queues. */
const COPIES_SINCE = '2025.10.06';

/** Local parts whose mail goes to the administrator (M5 3.3.1.3). */
const ADMINISTRATORS = ['postmaster', 'abuse'];

/** An address, `*@domain` or local part, and where its mail goes. */
interface Forward {
  readonly from: string;
  readonly targets: readonly string[];
  readonly line: Setting;
}

/**
 * Aliases (M5 3.3.1.17, 12.9) and mail to the administrator (M5 3.3.1.3). KumoMTA asks again after reception whether the
 * client may send to the recipient; so what comes from elsewhere can only go on as a message of the server's own, and
 * all of it does. Aliases of aliases are followed here, so that no loop is left for the running server.
 */
export const forwardingPass: Pass = {
  name: NAME,
  needs: ['relay-domains', 'relay-addresses', 'processors'],
  run(context) {
    const { config, options } = context;
    const { forwards } = context.policy.lua.reception;
    forwards.localDomains.push(...new Set(localDomains(config)));
    const tags = config.top.blocks.filter(({ kind }) => kind === 'aliases').flatMap(({ tag }) => tag ?? []);
    const all = [...aliasesOf(context), ...administratorsOf(context)];
    if (!releaseAtLeast(options.target, COPIES_SINCE)) {
      const note = `Mail is passed on to other addresses from KumoMTA ${COPIES_SINCE} on: choose a newer target.`;
      for (const line of [...tags, ...all.map((forward) => forward.line)])
        context.ledger.settle(line, 'unsupported', NAME, note);
      return;
    }
    for (const tag of tags) settleByRow(context, tag, NAME);
    const known = new Map<string, readonly string[]>();
    for (const { from, targets } of all) if (!known.has(from)) known.set(from, targets);
    for (const forward of all) {
      const { from, line } = forward;
      const targets = followed(context, known, forward);
      if (targets.length === 0) {
        const note = 'Its mail would come back to the same address: name a mailbox that is not on this server.';
        context.ledger.settle(line, 'manual', NAME, note);
        continue;
      }
      const map = from.includes('@') ? forwards.byAddress : forwards.byLocalPart;
      if (!map.has(from)) map.set(from, targets);
      settleByRow(context, line, NAME);
    }
    if (forwards.byLocalPart.size > 0 || forwards.byAddress.size > 0) {
      takeMailForLocalDomains(context);
      takeBesideAddresses(context);
    }
  },
};

function aliasesOf(context: PassContext): readonly Forward[] {
  const { config, ledger } = context;
  const blocks = [config.top, ...config.top.blocks.filter(({ kind }) => kind === 'aliases')];
  const local = localDomains(config);
  return blocks.flatMap((block) =>
    linesOf(block, 'alias').flatMap((line): Forward[] => {
      if (line.value.kind !== 'alias') return [];
      const from = line.value.from.toLowerCase();
      const targets = line.value.targets.map((target) => qualified(target, local));
      const wrong = line.value.targets.find((target) => !isAddress(qualified(target, local)));
      const fault = faultOf(from, local) ?? (wrong === undefined ? undefined : `${wrong} is no address to send to.`);
      if (fault === undefined) return [{ from, targets, line }];
      ledger.settle(line, 'manual', NAME, fault);
      return [];
    }),
  );
}

function faultOf(from: string, local: readonly string[]): string | undefined {
  if (from.includes('@')) return isAddress(from.replace(/^\*@/, 'x@')) ? undefined : 'The address cannot be read.';
  if (local.length === 0) return NO_HOST_NAME;
  return isAddress(`${from}@x`) ? undefined : 'The local part cannot be read.';
}

const NO_HOST_NAME =
  "It holds at this server's own names, which the file leaves to the system: add a host-name line and convert again.";

/** A bare local part is one at the server's name. */
function qualified(target: string, [name]: readonly string[]): string {
  return target.includes('@') || name === undefined ? target : `${target}@${name}`;
}

/** All lines together: each address gets the mail. */
function administratorsOf(context: PassContext): readonly Forward[] {
  const lines = linesOf(context.config.top, 'postmaster');
  if (localDomains(context.config).length === 0) {
    const note = `${NO_HOST_NAME} PowerMTA's own notices have no counterpart; use Prometheus for alerts.`;
    for (const line of lines) context.ledger.settle(line, 'manual', NAME, note);
    return [];
  }
  const good = lines.filter((line) => {
    const valid = addressesIn(line).every(isAddress) && addressesIn(line).length > 0;
    if (!valid) context.ledger.settle(line, 'manual', NAME, 'It is no address to send to.');
    return valid;
  });
  const targets = [...new Set(good.flatMap(addressesIn))];
  return good.flatMap((line) => ADMINISTRATORS.map((from) => ({ from, targets, line })));
}

function addressesIn({ value }: Setting): readonly string[] {
  if (value?.kind === 'list') return value.values;
  return value?.kind === 'text' ? [value.value] : [];
}

/** The last targets of a forward; those that lead back to it at this server are left out. */
function followed(
  { config }: PassContext,
  known: ReadonlyMap<string, readonly string[]>,
  { from, targets }: Forward,
): readonly string[] {
  const local = localDomains(config);
  const found = new Set<string>();
  const visited = new Set([from]);
  const follow = (address: string, path: readonly string[]): void => {
    const [, user = '', domain = ''] = /^(.*)@(.*)$/.exec(address.toLowerCase()) ?? [];
    const own = local.includes(domain);
    const keys = [`${user}@${domain}`, ...(own ? [user] : []), `*@${domain}`];
    const key = keys.find((candidate) => known.has(candidate));
    if (key === undefined) found.add(address);
    else if (path.includes(key)) {
      // Elsewhere the address is the mailbox itself.
      if (!own) found.add(address);
    } else if (!visited.has(key)) {
      visited.add(key);
      for (const target of known.get(key) ?? []) follow(target, [...path, key]);
    }
  };
  for (const target of targets) follow(target, [from]);
  return [...found];
}

/** PowerMTA takes mail for its own names from anybody (M5 3.3.1.32); here it is taken for what is passed on. */
function takeMailForLocalDomains(context: PassContext): void {
  const { lua, listenerDomains } = context.policy;
  const { guardedDomains } = lua.reception.forwards;
  for (const line of linesOf(context.config.top, 'host-name')) {
    const domain = line.value.kind === 'text' ? line.value.value.toLowerCase() : '';
    if (domain === '' || guardedDomains.includes(domain) || isTaken(context, domain)) continue;
    guardedDomains.push(domain);
    const block = blockIn(listenerDomains, domain);
    block.fields.set('relay_to', field(true, [line]));
    addOrigins(block, [line]);
  }
}

/** At the server's own names, relay-address lines must not shut out what is passed on. */
function takeBesideAddresses({ policy: { lua } }: PassContext): void {
  const { byAddress, byLocalPart, localDomains: local } = lua.reception.forwards;
  for (const [domain, patterns] of lua.relayAddresses) {
    if (!local.includes(domain)) continue;
    const parts = [...byLocalPart.keys()].map((part) => `${part}@${domain}`);
    const own = [...byAddress.keys()].filter((key) => key.endsWith(`@${domain}`));
    const taken = [...parts, ...own].map((key) => (key.startsWith('*@') ? '' : addressPattern(key)));
    lua.relayAddresses.set(domain, [...patterns, ...taken]);
  }
}

/** True where mail to the domain is taken already: for all of its addresses, or to look for reports in it. */
function isTaken({ policy: { listenerDomains } }: PassContext, domain: string): boolean {
  const labels = domain.split('.');
  const keys = [domain, '*', ...labels.map((_, at) => `*.${labels.slice(at + 1).join('.')}`)];
  return keys.some((key) => {
    const fields = listenerDomains.get(key)?.fields;
    return ['relay_to', 'log_arf', 'log_oob'].some((name) => (fields?.get(name)?.value ?? false) !== false);
  });
}
