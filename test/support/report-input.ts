import { createSource, type Span } from '../../src/diagnostics/span';
import type { Scope } from '../../src/directives/row';
import { emptyPolicy } from '../../src/kumo/model';
import { createLedger, type Outcome } from '../../src/pmta/ledger';
import type { PmtaConfig, ScopeBlock, Setting } from '../../src/pmta/model';
import type { ReportInput } from '../../src/report/summarise';

/** `[name, scope path, outcome, note?]`, one a line of `config`, each at column 1. */
export type Row = readonly [name: string, scope: readonly [Scope, string][], outcome: Outcome, note?: string];

const TOP: ScopeBlock = { kind: 'global', argument: '', settings: [], blocks: [] };

function blockOf(path: readonly [Scope, string][]): ScopeBlock {
  return path.reduce<ScopeBlock>((parent, [kind, argument]) => ({ ...TOP, kind, argument, parent }), TOP);
}

/** A conversion with these settings; the value of each is the text `v4lue`, which no report may show. */
export function inputOf(rows: readonly Row[], path = 'config'): ReportInput {
  const source = createSource(path, rows.map(([name]) => `${name} v4lue`).join('\n'));
  const ledger = createLedger();
  const settings = rows.map(([name, scope, outcome, note], id): Setting => {
    const start = source.lineStarts()[id] ?? 0;
    const span: Span = { source, start, end: start + name.length };
    const setting: Setting = { id, name, scope: blockOf(scope), raw: 'v4lue', span, valueSpan: span };
    ledger.settle(setting, outcome, 'test-pass', note);
    return setting;
  });
  const config: PmtaConfig = {
    settings,
    top: TOP,
    virtualMtas: new Map(),
    pools: new Map(),
    domains: { blocks: [] },
    macros: new Map(),
    sources: [],
    named: new Map(),
  };
  return { config, policy: emptyPolicy(), ledger, files: [] };
}
