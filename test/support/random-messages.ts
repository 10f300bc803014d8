import { domainsFor } from '../../src/compare/trace';
import { parseNetwork } from '../../src/directives/cidr';
import type { PmtaConfig } from '../../src/pmta/model';
import { listenersOf } from '../../src/pmta/reception/client';
import type { SampleMessage } from '../../src/pmta/reception/sample';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What the choices of a configuration look at, so that random messages meet them. */
interface Vocabulary {
  readonly peers: readonly string[];
  readonly users: readonly string[];
  readonly listeners: readonly string[];
  readonly senders: readonly string[];
  readonly recipients: readonly string[];
  readonly vmtas: readonly string[];
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Random messages of a seed that meet what a configuration tells apart, and some that nothing is said about. */
export function randomMessages(config: PmtaConfig, count: number, seed: number): readonly SampleMessage[] {
  const words = vocabularyOf(config);
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[], other: T): T => list[Math.floor(random() * list.length)] ?? other;
  const often = (share: number) => random() < share;
  return Array.from({ length: count }, () => {
    const from = often(0.05) ? '' : pick(words.senders, 'a@from.example');
    const author = often(0.7) ? pick(words.senders, 'a@from.example') : from || 'a@from.example';
    const headers: (readonly [string, string])[] = [['From', often(0.5) ? author : `Some Body <${author}>`]];
    if (often(0.15)) headers.push(['Sender', pick(words.senders, 'a@from.example')]);
    if (often(0.45)) headers.push(['X-Virtual-MTA', spelt(pick(words.vmtas, ''), random)]);
    if (often(0.15)) headers.push(['X-DKIM-Options', pick(DKIM_OPTIONS, '')]);
    for (const [name, values] of words.headers) if (often(0.4)) headers.push([name, pick(values, '')]);
    return {
      peer: pick(words.peers, '127.0.0.1'),
      from,
      to: pick(words.recipients, 'x@gmail.com'),
      headers,
      ...(often(0.3) ? { listener: pick(words.listeners, '192.0.2.1:25') } : {}),
      ...(words.users.length > 1 && often(0.3) ? { user: pick(words.users, 'nobody') } : {}),
    };
  });
}

const DKIM_OPTIONS = [
  's=s1',
  'd=shop.example',
  's=s1; d=shop.example',
  'd=*',
  'q=dns',
  's=c7; key-list=client7',
  's=x',
];

/** Names are compared without regard to case. */
function spelt(name: string, random: () => number): string {
  const at = random();
  // The tree of a configuration without virtual-mtas takes this name as it stands.
  if (name === '{default}') return name;
  return at < 0.15 ? name.toUpperCase() : at < 0.3 ? name.toLowerCase() : name;
}

function vocabularyOf(config: PmtaConfig): Vocabulary {
  const texts = config.settings.flatMap(({ raw, name }) => (name === 'password' ? [] : [raw]));
  const domains = [...new Set(texts.flatMap(domainsIn))].slice(0, 400);
  const vmta = config.virtualMtas.get('{default}');
  const named = [...config.virtualMtas.values()].flatMap((each) => domainsFor(config, each)).slice(0, 2_000);
  const asked = [...new Set([...named, ...(vmta === undefined ? [] : domainsFor(config, vmta)), ...domains])];
  const locals = ['x', 'postmaster', 'news', 'bounce-1'];
  return {
    peers: [
      ...config.sources.flatMap(({ cidr }) => addressesIn(cidr)).flatMap((peer) => [peer, peer, peer]),
      '127.0.0.1',
      '198.51.100.77',
      '2001:db8::77',
    ],
    users: [...(config.named.get('smtp-user')?.keys() ?? []), 'nobody'],
    listeners: listenersOf(config).map(({ local }) => local),
    senders: [...domains, 'from.example', 'a.from.example'].flatMap((domain) => [`a@${domain}`, `b@sub.${domain}`]),
    recipients: [...asked, 'gmail.com', 'named-nowhere.example']
      .filter(isMailDomain)
      .flatMap((domain) => locals.slice(0, 2).map((local) => `${local}@${domain}`)),
    vmtas: [...[...config.virtualMtas.values(), ...config.pools.values()].map(({ name }) => name), 'not-defined', ''],
    headers: headersIn(config),
  };
}

/** Nobody has an address at a queue. */
function isMailDomain(name: string): boolean {
  return !/\.(?:queue|rollup)$/.test(name);
}

/** Words of a line that look like domains, with the backslashes of patterns left out. */
function domainsIn(text: string): readonly string[] {
  const plain = text.replace(/\\/g, '').toLowerCase();
  return [...plain.matchAll(/[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/g)]
    .map(([domain]) => domain)
    .filter((d) => d.length < 200);
}

function addressesIn(cidr: string | undefined): readonly string[] {
  const network = cidr === undefined ? undefined : parseNetwork(cidr);
  if (cidr === undefined || network === undefined) return [];
  const [base = ''] = cidr.split('/');
  if (network.bits === 128) return [base];
  const inside = Number(network.base) + (network.prefix <= 24 ? 5 : 0);
  return [[24, 16, 8, 0].map((shift) => (inside >>> shift) & 255).join('.')];
}

/** Headers that pattern lists and sources look at, with texts out of their patterns. */
function headersIn({ settings }: PmtaConfig): Vocabulary['headers'] {
  const values = new Map<string, string[]>();
  for (const { name, value } of settings) {
    if (value?.kind === 'pattern' && value.header !== undefined) {
      const list = values.get(value.header.toLowerCase()) ?? [];
      list.push(...textsOf(value.regex?.pattern ?? ''), 'nothing');
      values.set(value.header.toLowerCase(), list);
    } else if (name === 'jobid-header' && value?.kind === 'text')
      values.set(value.value.toLowerCase(), ['job-1', 'a:b']);
  }
  return [...values].slice(0, 8);
}

/** Texts that a simple pattern fits. */
function textsOf(pattern: string): readonly string[] {
  return pattern
    .replace(/\\s\*|\^|\$|\\b/g, '')
    .replace(/\\(.)/g, '$1')
    .replace(/[()]/g, '')
    .split('|')
    .map((text) =>
      text
        .replace(/\.\*/g, 'abc')
        .replace(/\[[^\]]*\][+*]?/g, '1')
        .trim(),
    );
}
