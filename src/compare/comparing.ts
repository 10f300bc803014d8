import { createBoundedMemory } from '../kumo/bounded-memory';
import { vmtaSetting } from '../pmta/match';
import { compareBackoff, compareBackoffWaits } from './backoff';
import { COMPARISONS } from './comparisons';
import { compareRoute } from './routes';
import type { Comparison, KumoPath, PmtaPath } from './sides';
import { compareSignatures } from './signatures';
import { compareSources } from './sources';
import type { Sender } from './trace';

export interface Comparing {
  /** All comparisons of one path, with their lines. */
  alone(pmta: PmtaPath, kumo: KumoPath): readonly Comparison[];
  /** The same for one of many paths, where lines and counters may be those of another path of its class. */
  ofMany(sender: Sender, pmta: PmtaPath, kumo: KumoPath): readonly Comparison[];
}

/** Classes of paths that are compared once, whatever their names: beyond this many, the old ones are forgotten. */
const MOST = 10_000;

/** Limits of a virtual-mta as a whole, which its queues do not show. */
const OF_VMTA = ['max-smtp-out', 'max-smtp-msg-rate'];

/**
 * Compares paths. Two paths are of one class when all values of both sides are the same, which is seen from the values
 * themselves; names of sources and sites are not values.
 */
export function createComparing(): Comparing {
  const alike = createBoundedMemory<string, readonly Comparison[]>(MOST);
  const numbers = createNumbers();
  let situation: { readonly sender: Sender; readonly met: Set<string> } | undefined;
  return {
    alone: (pmta, kumo) => [...ofClass(pmta, kumo), ...ofPair(pmta, kumo, new Set())],
    ofMany(sender, pmta, kumo) {
      if (situation?.sender !== sender) situation = { sender, met: new Set() };
      const key = `${numbers.pmta(pmta)}|${numbers.kumo(kumo)}`;
      return [...alike.get(key, () => ofClass(pmta, kumo)), ...ofPair(pmta, kumo, situation.met)];
    },
  };
}

/** What follows from the values alone. */
function ofClass(pmta: PmtaPath, kumo: KumoPath): readonly Comparison[] {
  const limits = kumo.paths.size === 0 ? [] : COMPARISONS.flatMap((each) => each(pmta, kumo) ?? []);
  return [...limits, ...compareBackoff(pmta, kumo)];
}

/** What looks at names, or sends messages. */
function ofPair(pmta: PmtaPath, kumo: KumoPath, met: Set<string>): readonly Comparison[] {
  return [
    ...compareSources(pmta, kumo),
    compareRoute(pmta, kumo),
    ...compareBackoffWaits(pmta, kumo),
    ...compareSignatures(pmta, kumo, met),
  ];
}

/** Numbers for values, so that the name of a class stays short. */
function createNumbers() {
  const known = new Map<string, number>();
  const numberOf = (text: string): number => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
  const ofSettings = new WeakMap<object, string>();
  const ofSetting = new WeakMap<object, number>();
  const settingNumber = (name: string, setting: object, value: unknown): number => {
    const number = ofSetting.get(setting) ?? numberOf(`${name}=${JSON.stringify(value)}`);
    ofSetting.set(setting, number);
    return number;
  };
  const ofRules = new WeakMap<object, string>();
  const ruleNumbers = (rules: KumoPath['rules']): string => {
    const found = ofRules.get(rules) ?? rules.map((rule) => numberOf(JSON.stringify(rule))).join('.');
    ofRules.set(rules, found);
    return found;
  };
  return {
    pmta({ config, vmta, settings }: PmtaPath): string {
      const caps = OF_VMTA.map((name) => {
        const found = vmtaSetting(config, vmta, name);
        return found === undefined ? '' : settingNumber(name, found.setting, found.value);
      });
      const own =
        ofSettings.get(settings) ??
        [...settings]
          .map(
            ([name, { setting, value, pattern }]) =>
              `${settingNumber(name, setting, value)}${pattern.form === 'any' ? '*' : ''}`,
          )
          .sort()
          .join('.');
      ofSettings.set(settings, own);
      return `${caps.join('.')}/${own}`;
    },
    kumo({ queue, paths, site, sources, message, waits, rules }: KumoPath): string {
      const plain = (text: string) =>
        sources.reduce(
          (all, source, at) => all.replaceAll(source, `\u0001${at}`),
          site === '' ? text : text.replaceAll(site, '\u0002'),
        );
      const fields = (table: Readonly<Record<string, unknown>>) =>
        Object.entries(table).map(([name, value]) =>
          numberOf(typeof value === 'object' ? `${name}=${plain(JSON.stringify(value))}` : `${name}=${value}`),
        );
      const all = [...paths.values()].map((path) => fields(path).join('.'));
      return `${fields(queue).join('.')}/${all.join('/')}/${waits.join('.')}/${message === undefined}/${ruleNumbers(rules)}`;
    },
  };
}
