import { placeOf } from '../diagnostics/span';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { PmtaConfig, Setting } from '../pmta/model';
import { loginOf } from '../pmta/reception/client';
import { compareChoice, type TenantOf, tenantIn } from './messages/compare-message';
import { kumoMessage } from './messages/kumo-message';
import { pmtaMessage } from './messages/pmta-message';
import { patternSamples, plainSamples, type Sample } from './selection-samples';
import type { Comparison } from './sides';

/** Who may select a virtual-mta or pool, and how, on both sides. */
export interface Selections {
  /** One comparison a way; those who may on one side only have one of their own. */
  of(name: string): readonly Comparison[];
}

/** What becomes of one sample. */
interface Outcome {
  readonly who: string;
  /** Name of the virtual-mta or pool that PowerMTA chooses, lower case; undefined when it refuses the message. */
  readonly pmta: string | undefined;
  /** Tenant in KumoMTA; undefined when it refuses the message. */
  readonly kumo: string | undefined;
  /** Both do the same. */
  readonly same: boolean;
  readonly lines: readonly Setting[];
}

/** Messages with X-Virtual-MTA for all virtual-mtas together; each has at least so many. */
const MOST_NAMED = 4_000;
const FEWEST_NAMED = 2;

/**
 * Sends samples through both: PowerMTA's rules (M5 8.4) and the handlers of the tree. Those without X-Virtual-MTA are
 * sent once for all virtual-mtas.
 */
export function createSelections(config: PmtaConfig, tree: LoadedTree, tenantOf: TenantOf): Selections {
  const ask = (sample: Sample) => outcomeOf(config, tree, tenantOf, sample);
  let general: ReturnType<typeof askAll> | undefined;
  const askAll = () => {
    const samples = plainSamples(config);
    const plain = samples.map((sample) => ({ sample, outcome: ask(sample) }));
    return { plain, patterns: patternSamples(config, samples).flatMap((sample) => ask(sample) ?? []) };
  };
  const senders = Math.max(1, config.virtualMtas.size + config.pools.size);
  const most = Math.max(FEWEST_NAMED, Math.floor(MOST_NAMED / senders));
  return {
    of(name) {
      general ??= askAll();
      const key = name.toLowerCase();
      const gets = (outcome: Outcome | undefined) => outcome?.same === true && outcome.pmta === key;
      // Where the name changes nothing, it selects nothing.
      const others = general.plain.filter(({ outcome }) => !gets(outcome)).slice(0, most);
      const named = others.flatMap(({ sample, outcome }) => {
        const found = ask(withName(sample, name));
        return found === undefined || (found.pmta === outcome?.pmta && found.kumo === outcome?.kumo) ? [] : [found];
      });
      const plain = general.plain.flatMap(({ outcome }) => outcome ?? []);
      return [
        ...compareWay('selection by X-Virtual-MTA', named, key, tenantOf),
        ...compareWay('selection by default-virtual-mta', plain, key, tenantOf),
        ...compareWay('selection by pattern-list', general.patterns, key, tenantOf),
      ];
    },
  };
}

function withName({ who, message }: Sample, name: string): Sample {
  return { who, message: { ...message, headers: [...message.headers, ['X-Virtual-MTA', name]] } };
}

/** Undefined for what cannot be compared. */
function outcomeOf(config: PmtaConfig, tree: LoadedTree, tenantOf: TenantOf, sample: Sample): Outcome | undefined {
  const { who, message } = sample;
  const pmta = pmtaMessage(config, message);
  const kumo = kumoMessage(tree, message, pmta.listener?.local, loginOf(config, message.user).password);
  const compared = compareChoice({ config, sample: message, pmta, kumo, tenantOf });
  if (compared.some(({ verdict }) => verdict === 'not-comparable')) return undefined;
  const { choice } = pmta;
  const sender = choice?.kind === 'chosen' ? (choice.sender.vmta ?? choice.sender.pool) : undefined;
  const refused = kumo.message.rejected !== undefined || kumo.message.queue === 'null';
  return {
    who,
    pmta: sender?.name.toLowerCase(),
    kumo: refused ? undefined : tenantIn(kumo),
    same: compared.every(({ verdict }) => verdict === 'equal'),
    lines: compared.flatMap(({ lines }) => lines),
  };
}

function compareWay(
  directive: string,
  outcomes: readonly Outcome[],
  key: string,
  tenantOf: TenantOf,
): readonly Comparison[] {
  const tenant = tenantOf(key);
  const both = outcomes.filter(({ same, pmta }) => same && pmta === key);
  const apart = outcomes.filter(({ same, pmta, kumo }) => !same && (pmta === key || kumo === tenant));
  const groups = new Map<string, readonly Outcome[]>();
  for (const one of apart) {
    const group = JSON.stringify([one.pmta === key, one.lines.map(({ span }) => placeOf(span))]);
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  const together: Comparison = {
    ...base(both),
    directive,
    pmta: namesOf(both),
    kumo: namesOf(both),
    verdict: 'equal',
    why: '',
  };
  const differing = [...groups.values()].map((group) => differenceOf(directive, group, key));
  const shown = both.length > 0 || (differing.length === 0 && directive.endsWith('X-Virtual-MTA'));
  return shown ? [together, ...differing] : differing;
}

function differenceOf(way: string, group: readonly Outcome[], key: string): Comparison {
  const isLooser = group[0]?.pmta !== key;
  const who = namesOf(group);
  const directive = `${way}, ${group[0]?.who ?? ''}`;
  return isLooser
    ? { ...base(group), directive, pmta: 'nobody', kumo: who, verdict: 'looser', why: LOOSER }
    : { ...base(group), directive, pmta: who, kumo: 'nobody', verdict: 'differs', why: OTHER };
}

const LOOSER = 'In KumoMTA mail gets this virtual-mta that does not in PowerMTA.';
const OTHER = 'In PowerMTA mail gets this virtual-mta that is refused or sent as another in KumoMTA.';

function base(outcomes: readonly Outcome[]): Pick<Comparison, 'lines' | 'read'> {
  const lines = [...new Set(outcomes.flatMap((one) => one.lines))];
  return { lines, read: [{ from: 'handler', event: 'smtp_server_message_received' }] };
}

function namesOf(outcomes: readonly Outcome[]): string {
  return outcomes.length === 0 ? 'nobody' : outcomes.map(({ who }) => who).join(', ');
}
