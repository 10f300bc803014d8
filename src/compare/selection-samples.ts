import { contains } from '../directives/cidr';
import type { PmtaConfig, ScopeBlock } from '../pmta/model';
import { clientRule, listenersOf, wordOf } from '../pmta/reception/client';
import type { SampleMessage } from '../pmta/reception/sample';
import { fitsPcre } from './messages/pcre';
import { SENDER } from './travels';

/** A sample message and, in a few words, who sends it. */
export interface Sample {
  readonly who: string;
  readonly message: SampleMessage;
}

/** Networks, users, and entries of pattern lists that are asked about: a configuration has few kinds of them. */
const MOST = 40;
/** An address that no `<source>` is likely to name. */
const OUTSIDE = '192.0.2.254';

/** One message of each `<source>` network, listener with a source of its own, and user. */
export function plainSamples(config: PmtaConfig): readonly Sample[] {
  const listeners = listenersOf(config);
  const open = listeners.find(({ cidr }) => !contains('127.0.0.0/8', cidr.replace(/\/.*/, '')));
  const base = { from: SENDER, to: 'someone@named-nowhere.example', headers: [['From', SENDER] as const] };
  const via = open === undefined ? base : { ...base, listener: open.local };
  const cidrs = [...new Set(config.sources.flatMap(({ cidr }) => cidr ?? []))];
  const places = cidrs.map((cidr): Sample => ({ who: cidr, message: { ...via, peer: addressIn(cidr, cidrs) } }));
  const named = listeners.filter(({ source }) => source !== undefined);
  const users = [...(config.named.get('smtp-user') ?? [])].map(([user]): Sample => {
    return { who: `user ${user}`, message: { ...via, peer: OUTSIDE, user } };
  });
  const doors = named.map(({ local }): Sample => {
    return { who: `listener ${local}`, message: { ...base, peer: OUTSIDE, listener: local } };
  });
  return [...places.slice(0, MOST), ...doors.slice(0, MOST), ...users.slice(0, MOST)];
}

/** An address of the network that no narrower one has, as far as its ends go. */
function addressIn(cidr: string, all: readonly string[]): string {
  const [base = '', bits = ''] = cidr.split('/');
  const narrower = all.filter((each) => each !== cidr && Number(each.split('/')[1] ?? 128) > Number(bits || 128));
  const ends = cidr.includes(':') || bits === '' ? [base] : [base, lastAddress(base, Number(bits))];
  return ends.find((address) => !narrower.some((each) => contains(each, address))) ?? base;
}

function lastAddress(base: string, bits: number): string {
  const first = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = first + 2 ** (32 - bits) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join('.');
}

/** Messages that fit entries of the pattern lists of these clients, where such a message can be made from the pattern. */
export function patternSamples(config: PmtaConfig, clients: readonly Sample[]): readonly Sample[] {
  const met = new Set<string>();
  const found = clients.flatMap((client) => {
    const source = listenersOf(config).find(({ local }) => local === client.message.listener)?.source;
    const list = wordOf(clientRule(config, client.message, source), 'pattern-list')?.toLowerCase();
    if (list === undefined || met.has(list)) return [];
    met.add(list);
    return (config.named.get('pattern-list')?.get(list) ?? []).flatMap((block) => samplesOf(block, client));
  });
  return found.slice(0, MOST);
}

function samplesOf({ settings }: ScopeBlock, { who, message }: Sample): readonly Sample[] {
  return settings.flatMap(({ name, value }): readonly Sample[] => {
    const pattern = value?.kind === 'pattern' ? value.regex?.pattern : undefined;
    if (value?.kind !== 'pattern' || pattern === undefined) return [];
    const text = fittingText(pattern, name === 'header');
    if (text === undefined) return [];
    const fitting = `${who} with ${name}${name === 'header' ? ` ${value.header ?? ''}` : ''} ${text}`;
    if (name === 'mail-from') return [{ who: fitting, message: { ...message, from: text, headers: [['From', text]] } }];
    if (name === 'rcpt-to') return [{ who: fitting, message: { ...message, to: text } }];
    const header = [value.header ?? '', text] as const;
    return name === 'header' && header[0].toLowerCase() !== 'from' && header[0] !== ''
      ? [{ who: fitting, message: { ...message, headers: [...message.headers, header] } }]
      : [];
  });
}

const ADDRESS = /^[\w.+=-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/i;

/** A text that an expression fits; undefined when it is more than plain text with anchors and `.*`. */
function fittingText(pattern: string, isHeader: boolean): string | undefined {
  const plain = pattern
    .replace(/^\^|\$$/g, '')
    .replace(/\.\*/g, '')
    .replace(/\\([.@-])/g, '$1');
  if (!/^[\w.@+= -]{1,100}$/.test(plain)) return undefined;
  if (isHeader) return fitsPcre(pattern, ` ${plain.trim()}`) === true ? plain.trim() : undefined;
  const ways = [plain, `x${plain}`, `x@${plain}`, `x@a${plain}`, `${plain}x.example`, `${plain}@x.example`];
  return ways.find((text) => ADDRESS.test(text) && fitsPcre(pattern, text) === true);
}
