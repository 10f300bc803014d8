import { join } from 'node:path/posix';
import { numberOf } from '../directives/value';
import { releaseAtLeast } from '../kumo/format';
import type { FieldMap } from '../kumo/model';
import type { ScopeBlock, Setting } from '../pmta/model';
import { lineOf } from '../pmta/precedence';
import type { Pass, PassContext } from './pass';
import { addOrigins, field, setField } from './policy-writer';
import { refuseForTarget } from './target';

const NAME = 'server';

const DEFAULT_SPOOL = '/var/spool/kumomta';

/** Spool and name servers: what a server needs whatever it sends. */
export const serverPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    defineSpools(context);
    for (const line of context.config.top.settings) {
      const address = line.name === 'name-server' && line.value?.kind === 'text' ? line.value.value : undefined;
      if (address === undefined) continue;
      context.policy.nameServers.push(field(address.includes(':') ? `[${address}]:53` : `${address}:53`, [line]));
      context.ledger.settle(line, 'exact', NAME);
    }
    limitMxQueries(context);
  },
};

function limitMxQueries(context: PassContext): void {
  const { config, ledger, options, policy } = context;
  const line = lineOf(config.top, 'max-name-queries');
  const most = numberOf(line?.value, 'int');
  if (line === undefined || most === undefined) return;
  if (most === 0) ledger.settle(line, 'implicit', NAME, 'With this value the directive asks for nothing.');
  else if (!releaseAtLeast(options.target, '2025.05.06')) {
    refuseForTarget(context, line, NAME, 'limits MX look-ups', '2025.05.06');
  } else {
    policy.mxQueries = field(most, [line]);
    ledger.settle(line, 'approximate', NAME, line.row?.note);
  }
}

interface SpoolDirectory {
  readonly path: string;
  readonly priority: number;
  readonly line: Setting;
  readonly block?: ScopeBlock;
}

/** KumoMTA has exactly one data and one meta spool; PowerMTA's formats are different, so the directories are new ones. */
function defineSpools(context: PassContext): void {
  const { config, ledger, policy } = context;
  const directories = spoolDirectories(context);
  const [chosen, ...others] = [...directories].sort((a, b) => b.priority - a.priority);
  for (const { line } of others) {
    ledger.settle(
      line,
      'approximate',
      NAME,
      'KumoMTA uses one spool directory: the first one of the highest priority.',
    );
  }
  if (chosen !== undefined) ledger.settle(chosen.line, 'approximate', NAME, chosen.line.row?.note);
  const flushes = [lineOf(config.top, 'sync-msg-create'), lineOf(config.top, 'sync-msg-update')];
  const free = lineOf(chosen?.block, 'min-free-space') ?? lineOf(config.top, 'spool-min-free-space');
  for (const name of ['data', 'meta'] as const) {
    const fields: FieldMap = new Map();
    const path = chosen === undefined ? join(DEFAULT_SPOOL, name) : join(chosen.path, `kumo-${name}`);
    setField(fields, 'path', path, chosen === undefined ? [] : [chosen.line]);
    fields.set('kind', { value: 'RocksDB', origins: [] });
    const flushing = flushes.filter((line, i) => line !== undefined && isYes(line) && (name === 'meta' || i === 0));
    if (flushing.length > 0)
      setField(
        fields,
        'flush',
        true,
        flushing.flatMap((line) => line ?? []),
      );
    if (free?.value !== undefined) setField(fields, 'min_free_space', freeSpace(free), [free]);
    const spool = { name, fields, origins: [] };
    if (chosen !== undefined) addOrigins(spool, [chosen.line]);
    policy.spools.push(spool);
  }
  for (const line of [...flushes, free]) if (line?.value !== undefined) ledger.settle(line, 'exact', NAME);
}

function spoolDirectories(context: PassContext): readonly SpoolDirectory[] {
  const { config } = context;
  return config.settings.flatMap((line): SpoolDirectory[] => {
    if (line.name === 'spool' && line.value?.kind === 'text') return [{ path: line.value.value, priority: 1, line }];
    const block = line.name === '<spool>' ? config.top.blocks.find((candidate) => candidate.tag === line) : undefined;
    if (block === undefined) return [];
    const priority = numberOf(lineOf(block, 'priority')?.value, 'int') ?? 1;
    return [{ path: block.argument, priority, line, block }];
  });
}

function isYes(line: Setting): boolean {
  return line.value?.kind === 'bool' && line.value.value;
}

/** Bytes; the old directive counts in megabytes (M5 3.3.11.4). 0 asks for no check. */
function freeSpace(line: Setting): number | string {
  const bytes = numberOf(line.value, 'size') ?? (numberOf(line.value, 'int') ?? 0) * 1_048_576;
  return bytes === 0 ? '0%' : bytes;
}
