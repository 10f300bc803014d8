import type { RelatedPlace } from '../diagnostics/diagnostic';
import { type BlockDraft, excerpt, markFault, type ResolveContext, type SettingDraft, valueOrAll } from './draft';
import { groupBy } from './group-by';
import { expandMacros, type MacroFault, type MacroTable, type MacroText, PATTERN_LIMIT } from './macros';
import type { DomainMacro } from './model';
import { hintFor } from './nearest';
import { winnerOf } from './precedence';

export interface DomainMacros {
  /** The macros that could be expanded, by lower-cased name. */
  readonly macros: ReadonlyMap<string, DomainMacro>;
  readonly table: MacroTable;
}

/** Expands the `domain-macro` lines of the top level, which may stand in any order; reports those that cannot be. */
export function readDomainMacros(context: ResolveContext, top: BlockDraft): DomainMacros {
  const lines = linesByName(top);
  const chosen = new Map<string, SettingDraft>();
  for (const [key, group] of lines) {
    reportRepeats(context, key, group);
    const winner = winnerOf(group);
    if (winner === undefined) continue;
    if (winner.value?.kind === 'domain-macro' && winner.value.values.length === 0) reportEmpty(context, winner);
    chosen.set(key, winner);
  }
  const table = expandMacros(textsOf(chosen));
  const macros = new Map<string, DomainMacro>();
  const loops = new Set<string>();
  for (const [key, setting] of chosen) {
    const expansion = table.macros.get(key);
    const name = setting.value?.kind === 'domain-macro' ? setting.value.name : key;
    if (expansion === undefined || setting.fault !== undefined) continue;
    if (!('fault' in expansion)) macros.set(key, { name, values: expansion.values, setting });
    else {
      reportFault(context, { setting, name, expansion, chosen, loops });
      markFault(context, setting, 'invalid', noteFor(expansion));
    }
  }
  return { macros, table };
}

/** The macro's name is the first word of its line, also where the rest cannot be read. */
function linesByName(top: BlockDraft): ReadonlyMap<string, readonly SettingDraft[]> {
  const lines = top.settings.filter(({ name }) => name === 'domain-macro');
  const named = groupBy(lines, ({ raw }) => (/^\S*/.exec(raw)?.[0] ?? '').toLowerCase());
  return new Map([...named].filter(([key]) => key !== ''));
}

function textsOf(chosen: ReadonlyMap<string, SettingDraft>): ReadonlyMap<string, MacroText> {
  return new Map(
    [...chosen].map(([key, { value }]) => [key, { values: value?.kind === 'domain-macro' ? value.values : undefined }]),
  );
}

function reportEmpty(context: ResolveContext, setting: SettingDraft): void {
  const reason = 'has no list of domains behind its name';
  context.diagnostics.report('value-invalid', valueOrAll(setting), { what: 'domain-macro', reason });
  markFault(context, setting, 'invalid', `domain-macro ${reason}.`);
}

/** Overriding a macro of config-defaults is what the main file is for, and no repetition. */
function reportRepeats({ diagnostics }: ResolveContext, name: string, group: readonly SettingDraft[]): void {
  for (const defaults of [false, true]) {
    const [first, ...others] = group.filter((setting) => (setting.fromDefaults === true) === defaults);
    if (first === undefined) continue;
    const related: RelatedPlace[] = [{ span: first.span, message: 'first defined here' }];
    for (const setting of others) diagnostics.report('macro-repeated', setting.span, { name: excerpt(name) }, related);
  }
}

interface FaultyMacro {
  readonly setting: SettingDraft;
  readonly name: string;
  readonly expansion: MacroFault;
  readonly chosen: ReadonlyMap<string, SettingDraft>;
  /** Macros of loops that are reported already. */
  readonly loops: Set<string>;
}

function reportFault(context: ResolveContext, { setting, name, expansion, chosen, loops }: FaultyMacro): void {
  const { diagnostics } = context;
  const span = valueOrAll(setting);
  if (expansion.fault === 'undefined') {
    diagnostics.report('macro-undefined', span, {
      name: `$${excerpt(expansion.name)}`,
      hint: hintFor(expansion.name, chosen.keys(), '$'),
    });
  } else if (expansion.fault === 'too-large') {
    diagnostics.report('macro-too-large', span, { what: `the macro ${excerpt(name)}`, limit: String(PATTERN_LIMIT) });
  } else if (expansion.fault === 'loop' && !expansion.chain.some((key) => loops.has(key))) {
    for (const key of expansion.chain) loops.add(key);
    diagnostics.report('macro-loop', span, { chain: chainText(expansion.chain) }, relatedIn(expansion.chain, chosen));
  }
}

function chainText(chain: readonly string[]): string {
  const shown = chain.length > 8 ? [...chain.slice(0, 7), '...', ...chain.slice(-1)] : chain;
  return shown.map((key) => (key === '...' ? key : `$${excerpt(key)}`)).join(' -> ');
}

function relatedIn(chain: readonly string[], chosen: ReadonlyMap<string, SettingDraft>): readonly RelatedPlace[] {
  const settings = chain
    .slice(1, -1)
    .slice(0, 6)
    .map((key) => chosen.get(key));
  return settings.flatMap((setting) =>
    setting === undefined ? [] : [{ span: setting.span, message: 'the loop goes on here' }],
  );
}

function noteFor({ fault }: MacroFault): string {
  switch (fault) {
    case 'loop':
      return 'The macro leads back to itself.';
    case 'undefined':
      return 'It names a macro that is not defined.';
    case 'too-large':
      return 'It stands for too many values.';
    case 'depends':
      return 'It names a macro that is not valid.';
  }
}
