import type { PatternEntry } from '../kumo/model';
import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';
import { translateRegex } from './regex';

const NAME = 'pattern-lists';

/** How deep lists may be nested or called. */
const DEEPEST = 20;

/**
 * `<pattern-list>`: chooses the virtual-mta by sender, recipient or header, after the X-Virtual-MTA header and before the
 * source's default (M5 3.3.14, 8.4). Lists that a source refers to go to Lua as data, with those they call.
 */
export const patternListsPass: Pass = {
  name: NAME,
  needs: ['egress', 'pools', 'selection'],
  run(context) {
    const wanted = new Set<string>();
    for (const source of context.config.sources) {
      for (const block of source.blocks) {
        for (const line of block.settings) {
          if (line.name !== 'pattern-list' || line.value?.kind !== 'text') continue;
          wanted.add(line.value.value.toLowerCase());
        }
      }
    }
    for (const name of wanted) addList(context, name, []);
    settleUnused(context);
  },
};

/** False when there is no such list, or it would call itself. */
function addList(context: PassContext, name: string, callers: readonly string[]): boolean {
  const { patternLists } = context.policy.lua;
  if (callers.includes(name) || callers.length > DEEPEST) return false;
  if (patternLists.has(name)) return true;
  const blocks = context.config.named.get('pattern-list')?.get(name);
  if (blocks === undefined) return false;
  for (const { tag } of blocks) if (tag !== undefined) context.ledger.settle(tag, 'exact', NAME);
  const lines = blocks.flatMap((block) => block.settings);
  const entries = lines.flatMap((line) => entryOf(context, line, [...callers, name]));
  patternLists.set(name, entries);
  return true;
}

function entryOf(context: PassContext, line: Setting, callers: readonly string[]): readonly PatternEntry[] {
  const { value } = line;
  if (value?.kind !== 'pattern') return [];
  const { ledger, diagnostics } = context;
  const translated = value.regex === undefined ? undefined : translateRegex(value.regex.pattern);
  if (translated !== undefined && 'reason' in translated) {
    diagnostics.report('regex-untranslatable', line.valueSpan, { reason: translated.reason });
    ledger.settle(line, 'manual', NAME, `The pattern ${translated.reason}: write the entry in pmta.lua by hand.`);
    return [];
  }
  const result = resultOf(context, line, callers);
  if (result === undefined) return [];
  const test = line.name === 'mail-from' || line.name === 'rcpt-to' || line.name === 'header' ? line.name : 'any';
  if (!('ends' in result)) settle(context, line, test);
  return [
    {
      test,
      ...(value.header === undefined ? {} : { header: value.header }),
      ...(translated === undefined ? {} : { regex: translated.regex }),
      result,
      origins: [line.span],
    },
  ];
}

function resultOf(context: PassContext, line: Setting, callers: readonly string[]): PatternEntry['result'] | undefined {
  const { ledger, egress } = context;
  const given = line.value?.kind === 'pattern' ? line.value.result : {};
  if (line.nested !== undefined) {
    if (line.nested.tag !== undefined) ledger.settle(line.nested.tag, 'exact', NAME);
    return { entries: line.nested.settings.flatMap((inner) => entryOf(context, inner, callers)) };
  }
  if (given.callTo !== undefined) {
    const name = given.callTo.toLowerCase();
    if (addList(context, name, callers)) return { list: name };
    ledger.settle(line, 'invalid', NAME, 'The list that it calls is not defined, or calls itself.');
    return undefined;
  }
  const tenant = egress.tenantOf.get(given.virtualMta?.toLowerCase() ?? '');
  if (tenant !== undefined) return { tenant };
  if (given.virtualMta !== undefined) {
    ledger.settle(line, 'invalid', NAME, 'The virtual-mta that it chooses is not defined.');
    return undefined;
  }
  const note = 'KumoMTA has no priorities of recipients. As in PowerMTA, no later entry is tried where this one fits.';
  ledger.settle(line, 'unsupported', NAME, note);
  return { ends: true };
}

function settle(context: PassContext, line: Setting, test: PatternEntry['test']): void {
  const priority = line.value?.kind === 'pattern' && line.value.result.priority !== undefined;
  const notes = [
    test === 'rcpt-to'
      ? 'KumoMTA decides for each recipient; PowerMTA for the whole message by the first that fits.'
      : '',
    priority ? 'Priorities of recipients are dropped.' : '',
  ].filter((note) => note !== '');
  context.ledger.settle(line, notes.length === 0 ? 'exact' : 'approximate', NAME, notes.join(' ') || undefined);
}

/** Lists that nobody refers to. */
function settleUnused(context: PassContext): void {
  for (const line of context.config.settings) {
    const list = line.scope.kind === 'pattern-list' ? line.scope : undefined;
    const own = line.name === '<pattern-list>' && list === undefined;
    if ((list === undefined && !own) || line.fault !== undefined || context.ledger.isSettled(line)) continue;
    context.ledger.settle(line, 'implicit', NAME, 'No source refers to this list, so it chooses nothing.');
  }
}
