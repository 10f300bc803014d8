import { maskSecrets } from '../diagnostics/secrets';
import { placeOf } from '../diagnostics/span';
import { numberOf } from '../directives/value';
import type { EmittedFile } from '../emit/file';
import type { KumoPolicy } from '../kumo/model';
import { effectiveSettings, vmtaSettings } from '../pmta/match';
import type { DomainScope, PmtaConfig, VirtualMta } from '../pmta/model';
import { probesOf } from './opinions/places';
import { type Group, groupsOf } from './sender-groups';

/** How the stages are ordered, for the report. */
export const ORDER_RULE =
  'Least important first: groups that no default-virtual-mta leads to before those that one does; then by the number of lines that name them, by the number of addresses, and by name. The configuration does not tell how much mail each sends: where the accounting files do, go by them.';

/** PowerMTA's bounce-after when nothing is set, in seconds. */
const BOUNCE_AFTER = 388_800;

export interface StageAddress {
  /** Name of the egress source. */
  readonly source: string;
  /** Missing where the system chooses. */
  readonly address?: string;
  /** Name in EHLO; missing where none is set. */
  readonly host?: string;
}

/** What moves together, because it shares pools, addresses or cold virtual-mtas. */
export interface Stage {
  readonly pools: readonly string[];
  readonly virtualMtas: readonly string[];
  readonly addresses: readonly StageAddress[];
  /** DNS names of the DKIM records of the keys that these sign with. */
  readonly keyRecords: readonly string[];
  /** True when mail goes this way that nothing else was chosen for. */
  readonly isDefault: boolean;
  /** Lines that name them. */
  readonly references: number;
  /** Longest time that mail waits in PowerMTA, in seconds; undefined: for ever. */
  readonly longestWait: number | undefined;
  /** `file:line` of the definitions. */
  readonly places: readonly string[];
}

export interface CutOver {
  /** Before the first stage. */
  readonly preparation: readonly string[];
  /** In the order in which they should move. */
  readonly stages: readonly Stage[];
  /** In every stage, in this order. */
  readonly steps: readonly string[];
  /** After the last stage. */
  readonly end: readonly string[];
}

interface PlanInput {
  readonly config: PmtaConfig;
  readonly policy: KumoPolicy;
  readonly files: readonly EmittedFile[];
}

/** In what order, and with what ready, the virtual-mtas of the configuration move to KumoMTA. */
export function cutOverOf(input: PlanInput): CutOver {
  const waitOf = waits(input.config);
  const stages = groupsOf(input.config, input.policy).map((group) => stageOf(input, group, waitOf));
  return {
    preparation: preparationOf(input),
    stages: [...stages].sort(byImportance),
    steps: STEPS,
    end: END,
  };
}

const STEPS: readonly string[] = [
  'Check in DNS that each address has a PTR record with the name in EHLO, that this name leads back to the address, that SPF allows it, and that the DKIM records are published.',
  'Bring the addresses up on the new server. Addresses that have not sent before need a warm-up, whatever the limits say.',
  'Let the clients of this stage hand their mail to KumoMTA.',
  "Let PowerMTA empty its queue of this stage. Until it has, both servers send: where they share addresses, providers see the sum, so halve the limits or wait. KumoMTA cannot read PowerMTA's spool.",
  'Compare a day of both logs: deliveries, deferrals and bounces for each large provider. Only then begin the next stage.',
];

const END: readonly string[] = [
  'Move bounce and complaint processing, and the reading of accounting files, when the last stage has moved: reports about mail of PowerMTA keep coming for some days.',
  'Stop PowerMTA when its spool is empty, and keep its configuration and logs.',
];

function preparationOf({ policy, files }: PlanInput): readonly string[] {
  const secrets = files.filter(({ mode }) => mode === 0o600).map(({ path }) => path);
  const copies = policy.copies.size;
  return [
    'Do the manual tasks, clear up errors, convert, and let kumod --validate read the tree on the new server.',
    ...(copies > 0 ? ['Copy the keys and certificates.'] : []),
    ...(secrets.length > 0 ? [`Check who can read ${secrets.join(', ')}.`] : []),
    ...(files.some(({ path }) => path === 'tsa_init.lua')
      ? [
          'Start the daemon of traffic shaping automation (kumo-tsa-daemon) before kumod: backoff rules work through it.',
        ]
      : []),
    'On one host, both servers cannot listen on the same port: give KumoMTA a port of its own until the last stage.',
    'Send test messages to mailboxes of your own at each large provider, and look at address, EHLO name, DKIM and TLS.',
  ];
}

function stageOf({ config, policy }: PlanInput, group: Group, waitOf: (vmta: VirtualMta) => number | undefined): Stage {
  const { pools, virtualMtas, isDefault, references } = group;
  // A cold source stands in the pools of several.
  const sources = new Set(virtualMtas.flatMap(({ name }) => [...(policy.pools.get(name)?.entries.keys() ?? [])]));
  const addresses = [...sources].map((source) => addressOf(policy, source));
  const tags = [...pools, ...virtualMtas].flatMap(({ blocks }) => blocks.flatMap(({ tag }) => tag ?? []));
  return {
    pools: pools.map(({ name }) => maskSecrets(name)),
    virtualMtas: virtualMtas.map(({ name }) => maskSecrets(name)),
    addresses,
    keyRecords: [...new Set(virtualMtas.flatMap((vmta) => keyRecords(config, vmta)))].sort(),
    isDefault,
    references,
    longestWait: virtualMtas
      .map(waitOf)
      .reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), 0),
    places: tags.map(({ span }) => placeOf(span)),
  };
}

function addressOf(policy: KumoPolicy, source: string): StageAddress {
  const fields = policy.sources.get(source)?.fields;
  const text = (name: string): string | undefined => {
    const value = fields?.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const [address, host] = [text('ha_proxy_source_address') ?? text('source_address'), text('ehlo_domain')];
  return {
    source: maskSecrets(source),
    ...(address === undefined ? {} : { address }),
    ...(host === undefined ? {} : { host }),
  };
}

function keyRecords(config: PmtaConfig, vmta: VirtualMta): readonly string[] {
  return vmtaSettings(config, vmta, 'domain-key').flatMap(({ value }) =>
    value?.kind === 'domain-key' ? [recordOf(value.selector, value.domain.toLowerCase())] : [],
  );
}

/** A key for `*` signs for the domain of each sender (M5 3.3.1.33.1). */
function recordOf(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain === '*' ? '(domain of the sender)' : domain}`;
}

/** {@link longestWait} of each virtual-mta; those without domain blocks of their own share one answer. */
function waits(config: PmtaConfig): (vmta: VirtualMta) => number | undefined {
  const known = new Map<DomainScope | undefined, number | undefined>();
  return (vmta) => {
    if (vmta.domains.blocks.length > 0) return longestWait(config, vmta);
    const key = vmta.domainPool?.domains;
    if (!known.has(key)) known.set(key, longestWait(config, vmta));
    return known.get(key);
  };
}

/** The longest bounce-after of any domain, and of those that no block names. */
function longestWait(config: PmtaConfig, vmta: VirtualMta): number | undefined {
  const domains = [config.domains, vmta.domainPool?.domains, vmta.domains].flatMap((scope) =>
    probesOf(scope, ({ name }) => name === 'bounce-after'),
  );
  let longest = 0;
  for (const domain of [...domains, 'any-other-domain.invalid']) {
    const value = effectiveSettings(config, vmta, domain).get('bounce-after')?.value;
    const wait = value === undefined ? BOUNCE_AFTER : numberOf(value, 'interval');
    if (wait === undefined) return undefined;
    longest = Math.max(longest, wait);
  }
  return longest;
}

function byImportance(a: Stage, b: Stage): number {
  return (
    Number(a.isDefault) - Number(b.isDefault) ||
    a.references - b.references ||
    a.addresses.length - b.addresses.length ||
    compare(stageName(a), stageName(b))
  );
}

/** What a stage is called: its pools, or its virtual-mtas where there are none. */
export function stageName({ pools, virtualMtas }: Pick<Stage, 'pools' | 'virtualMtas'>): string {
  return (pools.length > 0 ? pools : virtualMtas).join(', ');
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
