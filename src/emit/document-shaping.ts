import { formatDuration } from '../kumo/format';
import type {
  AutomationAction,
  AutomationRule,
  FieldBlock,
  KumoPolicy,
  KumoValue,
  PathBlock,
  ProviderBlock,
} from '../kumo/model';
import { type TomlSegment, tomlRegexes, tomlValue } from './quote-toml';
import { type TomlBlock, type TomlEntry, type TomlText, tomlText } from './toml-document';
import { blockOrigins, equalTables, fieldEntries, type NamedTable, namedTable, tableBlocks } from './toml-rows';

/** How many covered domains a comment names. */
const SHOWN = 6;

/** shaping.toml: limits, time-outs and TLS per destination, and the automation rules (shaping helper). */
export function shapingDocument({ shaping }: KumoPolicy): TomlText {
  const domains = [...shaping.domains];
  const simple = domains.filter(([, block]) => isSimple(block)).map(([name, block]) => pathTable(name, block));
  const { parts, rest } = equalTables(simple);
  const left = new Set(rest.map(({ name }) => name));
  return tomlText(
    [
      // Keys at the top of the file have to stand before its first header.
      { path: [], parts },
      ...pathBlocks('default', shaping.default),
      ...shaping.providers.flatMap(providerBlocks),
      ...domains
        .filter(([name, block]) => left.has(name) || !isSimple(block))
        .flatMap(([name, block]) => pathBlocks(name, block)),
    ],
    '"',
  );
}

function isSimple(block: PathBlock): boolean {
  return block.sources.size === 0 && block.automation.length === 0 && block.covers.length === 0;
}

function pathTable(name: string, block: PathBlock): NamedTable {
  const rollup: readonly TomlEntry[] =
    block.mxRollup === undefined ? [] : [{ key: 'mx_rollup', value: tomlValue(block.mxRollup), origins: [] }];
  const comments = block.covers.length === 0 ? block.comments : [...block.comments, `also ${coverText(block.covers)}`];
  return { name, entries: [...rollup, ...fieldEntries(block.fields)], comments, origins: blockOrigins(block) };
}

function coverText(covers: readonly string[]): string {
  const more = covers.length > SHOWN ? ` + ${covers.length - SHOWN} more` : '';
  return covers.slice(0, SHOWN).join(', ') + more;
}

function pathBlocks(name: string, block: PathBlock): readonly TomlBlock[] {
  const path = [{ name }];
  const { comments, origins, entries } = pathTable(name, block);
  const children = [...sourceBlocks(path, block.sources), ...block.automation.map((rule) => ruleBlock(path, rule))];
  const saysNothing = entries.length === 0 && (children.length > 0 || name === 'default');
  return [...(saysNothing ? [] : [{ path, parts: [{ comments, origins, entries }] }]), ...children];
}

function providerBlocks(provider: ProviderBlock): readonly TomlBlock[] {
  const path = ['provider', { name: provider.name }];
  const match = { key: 'match', value: tomlValue(provider.match), origins: [] };
  const part = {
    comments: provider.comments,
    origins: blockOrigins(provider),
    entries: [match, ...fieldEntries(provider.fields)],
  };
  const rules = provider.automation.map((rule) => ruleBlock(path, rule));
  return [{ path, parts: [part] }, ...sourceBlocks(path, provider.sources), ...rules];
}

function sourceBlocks(path: readonly TomlSegment[], sources: ReadonlyMap<string, FieldBlock>): readonly TomlBlock[] {
  const tables = [...sources].map(([name, block]) => namedTable(name, block));
  return tableBlocks([...path, 'sources'], tables);
}

function ruleBlock(path: readonly TomlSegment[], rule: AutomationRule): TomlBlock {
  const actions = actionValues(rule);
  const [first] = actions;
  const limits = [...(rule.limits ?? [])];
  const entries = [
    { key: 'regex', value: tomlRegexes(rule.regex), origins: rule.origins },
    { key: 'action', value: tomlValue(actions.length === 1 && first !== undefined ? first : actions), origins: limits },
    { key: 'duration', value: tomlValue(formatDuration(rule.duration)), origins: limits },
  ];
  return {
    path: [...path, 'automation'],
    item: true,
    parts: [{ comments: rule.comments, origins: rule.origins, entries }],
  };
}

/** The actions as the file holds them: a name, or `{SetConfig = {name, value}}`. */
export function actionValues(rule: AutomationRule): readonly KumoValue[] {
  return rule.actions.map(actionValue);
}

function actionValue(action: AutomationAction): KumoValue {
  return typeof action === 'string' ? action : { SetConfig: { name: action.set, value: action.value } };
}
