import { excerpt, valueOrAll } from '../../pmta/draft';
import { macrosIn } from '../../pmta/macros';
import type { PmtaConfig, ScopeBlock, Setting } from '../../pmta/model';
import { referencesOf } from '../../pmta/references';
import type { OpinionContext } from './opinion';

/** Blocks that do something only where another line names them. */
const NAMED = [
  'address-list',
  'pattern-list',
  'proxy',
  'rewrite-list',
  'smtp-pattern-list',
  'source-group',
  'suppression-list',
] as const satisfies readonly ScopeBlock['kind'][];

/** Lists, proxies and macros that are defined and never named. Sources have a message of the conversion. */
export function unusedDefinitions(context: OpinionContext): void {
  const { config } = context;
  const references = config.settings.flatMap(referencesOf);
  for (const kind of NAMED) {
    const used = new Set(references.filter(({ to }) => to.includes(kind)).map(({ name }) => name.toLowerCase()));
    for (const [name, [first]] of config.named.get(kind) ?? []) {
      if (!used.has(name.toLowerCase())) report(context, first?.tag, kind, first?.argument ?? name);
    }
  }
  const macros = usedMacros(config);
  for (const [name, macro] of config.macros) {
    if (!macros.has(name)) report(context, macro.setting, 'domain-macro', macro.name);
  }
}

function report({ diagnostics }: OpinionContext, setting: Setting | undefined, what: string, name: string): void {
  const span = setting === undefined ? undefined : valueOrAll(setting);
  diagnostics.report('definition-unused', span, { what, name: excerpt(name) });
}

/** Lower-cased names of the macros that the argument of a `<domain>` or the value of another macro holds. */
function usedMacros({ settings }: PmtaConfig): ReadonlySet<string> {
  const texts = settings.flatMap(({ name, raw, value }) => {
    if (name === '<domain>') return [raw];
    return value?.kind === 'domain-macro' ? value.values : [];
  });
  return new Set(texts.flatMap(macrosIn).map((name) => name.toLowerCase()));
}
