import type { Diagnostics } from '../diagnostics/diagnostic';
import type { Scope as ScopeName } from '../directives/row';
import type { LoadedConfig } from '../syntax/load';
import { domainScopeOf, readDomainBlocks } from './domain-blocks';
import { readDomainMacros } from './domain-macros';
import { groupBy } from './group-by';
import type { Ledger } from './ledger';
import type { PmtaConfig, ScopeBlock } from './model';
import { readSettings } from './read-settings';
import { reportReferences } from './references';
import { reportRepeats } from './repeats';
import { readSources } from './sources';
import { argumentKey } from './tags';
import { readSenders } from './virtual-mtas';

/** Tags that have a view of their own in the model. */
const VIEWED: ReadonlySet<ScopeName> = new Set(['domain', 'source', 'virtual-mta', 'virtual-mta-pool']);

/**
 * Applies PowerMTA's own rules to what was loaded: rows and values of every line, macros, domain patterns, scopes.
 * Lines at fault are reported and settled in the ledger (by `resolve`); every other setting has a row and a value.
 */
export function resolveConfig(loaded: LoadedConfig, ledger: Ledger, diagnostics: Diagnostics): PmtaConfig {
  const context = { ledger, diagnostics };
  const { settings, top } = readSettings(loaded, context);
  const { macros, table } = readDomainMacros(context, top);
  const domainBlocks = readDomainBlocks(context, top, table);
  const sources = readSources(context, top);
  const senders = readSenders(context, top, domainBlocks);
  const domains = domainScopeOf([top], domainBlocks);
  const config = { settings, top, ...senders, domains, macros, sources, named: namedBlocks(top) };
  reportRepeats(context, top);
  reportReferences(context, config);
  return config;
}

function namedBlocks(top: ScopeBlock): PmtaConfig['named'] {
  const byTag = groupBy(
    top.blocks.filter(({ kind }) => !VIEWED.has(kind)),
    ({ kind }) => kind,
  );
  return new Map([...byTag].map(([tag, blocks]) => [tag, groupBy(blocks, (b) => argumentKey(tag, b.argument))]));
}
