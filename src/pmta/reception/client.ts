import { contains } from '../../directives/cidr';
import { readValue } from '../../directives/values';
import type { PmtaConfig, ScopeBlock } from '../model';
import { lineOf, type ReadSetting } from '../precedence';
import { EVERYBODY, namedSource, sourceForAddress } from '../source-match';
import type { SampleMessage } from './sample';

/** The settings of all `<source>` blocks that a client is under, by directive. */
export type ClientRule = ReadonlyMap<string, ReadSetting>;

/** Where PowerMTA takes mail. */
export interface Listener {
  /** Strict CIDR, or a single address. */
  readonly cidr: string;
  readonly port: number;
  /** `ADDRESS:PORT` that a client may connect to. */
  readonly local: string;
  /** Name of a `<source>`. */
  readonly source?: string;
}

/** Of a listener on all addresses a client sees a real one: the first of the documentation. */
const SOME_ADDRESS = { v4: '192.0.2.1', v6: '2001:db8::1' } as const;

/** The `smtp-listener` lines and blocks in order; the one that PowerMTA starts by itself without any (M5 3.3.1.38). */
export function listenersOf(config: PmtaConfig): readonly Listener[] {
  const lines = config.settings.filter(({ name }) => name === 'smtp-listener' || name === '<smtp-listener>');
  if (lines.length === 0) return [ownListener(config)];
  return lines.flatMap((line): readonly Listener[] => {
    const value = line.value?.kind === 'tag' ? readValue({ value: 'listener' }, line.value.argument).value : line.value;
    if (value?.kind !== 'listener') return [];
    const block = config.top.blocks.find(({ tag }) => tag === line);
    const source = lineOf(block, 'source')?.value;
    return [listener(value.cidr, value.port, source?.kind === 'text' ? source.value : value.source)];
  });
}

/** `smtp-ip` and `smtp-port` count only where there is no listener (M5 3.3.1.38.4). */
function ownListener({ top }: PmtaConfig): Listener {
  const [ip, port] = [lineOf(top, 'smtp-ip')?.value, lineOf(top, 'smtp-port')?.value];
  const number = port?.kind === 'int' && typeof port.value === 'number' ? port.value : 25;
  return listener(ip?.kind === 'text' ? ip.value : EVERYBODY, number, undefined);
}

function listener(cidr: string, port: number, source: string | undefined): Listener {
  const [base = '', bits] = cidr.split('/');
  const six = cidr.includes(':');
  const everywhere = bits === '0' || base === '0.0.0.0' || base === '::';
  const address = everywhere ? (six ? SOME_ADDRESS.v6 : SOME_ADDRESS.v4) : base;
  const local = six ? `[${address}]:${port}` : `${address}:${port}`;
  const all = everywhere ? (six ? '::/0' : EVERYBODY) : cidr;
  return { cidr: all, port, local, ...(source === undefined ? {} : { source }) };
}

/** The listener that a client reaches at `ADDRESS:PORT`, or the first; undefined when nothing listens there. */
export function listenerFor(config: PmtaConfig, local: string | undefined): Listener | undefined {
  const all = listenersOf(config);
  if (local === undefined) return all[0];
  const [, address = '', port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(local) ?? [];
  const found = all.filter((each) => each.port === Number(port) && contains(each.cidr, address));
  return found[0] === undefined ? undefined : { ...found[0], local };
}

/** How a client has logged in. */
export type Login = 'none' | 'in' | 'no-such-user' | 'by-other-means';

/** The `<smtp-user>` block that counts: one of the main file before one of config-defaults. */
function userBlock(config: PmtaConfig, name: string): ScopeBlock | undefined {
  const blocks = config.named.get('smtp-user')?.get(name) ?? [];
  return blocks.findLast(({ tag }) => tag?.fromDefaults !== true) ?? blocks.at(-1);
}

/** Whether the user of a message exists, and the password that it logs in with, which is never to be shown. */
export function loginOf(
  config: PmtaConfig,
  user: string | undefined,
): { readonly login: Login; readonly password?: string } {
  if (user === undefined) return { login: 'none' };
  const block = userBlock(config, user);
  if (block === undefined) return { login: 'no-such-user' };
  const method = lineOf(block, 'authentication-method')?.value;
  if (method?.kind === 'text' && method.value !== 'password') return { login: 'by-other-means' };
  const password = lineOf(block, 'password')?.value;
  return password?.kind === 'secret' ? { login: 'in', password: password.value } : { login: 'no-such-user' };
}

/**
 * What counts for a client: the sources of its address from general to special, over them the one that its listener
 * names, over these the one of its user, `{auth}` for a user without one (M5 3.3.7, 8.4.3, 10.4.2).
 */
export function clientRule(
  config: PmtaConfig,
  { peer, user }: Pick<SampleMessage, 'peer' | 'user'>,
  source: string | undefined,
): ClientRule {
  const rule = new Map(sourceForAddress(config, peer));
  const named = [source, user === undefined ? undefined : sourceOfUser(config, user)];
  for (const name of named) {
    for (const [key, setting] of (name === undefined ? undefined : namedSource(config, name)) ?? [])
      rule.set(key, setting);
  }
  return rule;
}

function sourceOfUser(config: PmtaConfig, user: string): string {
  const source = lineOf(userBlock(config, user), 'source')?.value;
  return source?.kind === 'text' ? source.value : '{auth}';
}

/** A switch of a source; PowerMTA's default when nothing sets it. */
export function isOn(rule: ClientRule, name: string, byDefault: boolean): boolean {
  const value = rule.get(name)?.value;
  return value?.kind === 'bool' ? value.value : byDefault;
}

/** A text or name of a source; undefined when nothing sets it, or to nothing. */
export function wordOf(rule: ClientRule, name: string): string | undefined {
  const value = rule.get(name)?.value;
  return value?.kind === 'text' && value.value !== '' ? value.value : undefined;
}
