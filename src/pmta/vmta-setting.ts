import type { Effective, PmtaConfig, ScopeBlock, VirtualMta } from './model';
import { linesOf, type ReadSetting, winnerOf } from './precedence';

/** A directive of the virtual-mta itself (not of its `<domain>` blocks), and the level that gave it. */
export interface VmtaSetting extends Pick<Effective, 'setting' | 'value' | 'from'> {}

/** Directives whose lines count on every level, those of the virtual-mta first (M5 3.3.1.33.1, 3.3.1.33.3). */
const ADD_OVER_LEVELS: ReadonlySet<string> = new Set(['domain-key', 'include-headers-from']);

/**
 * The value of a directive for a virtual-mta: its own, else that of the first of its pools that has one, else the
 * global one (M5 3.3.12). Of a directive that adds up the first line counts, as with `host-name`; else the last.
 */
export function vmtaSetting(config: PmtaConfig, vmta: VirtualMta | undefined, name: string): VmtaSetting | undefined {
  for (const { blocks, from } of levelsOf(config, vmta)) {
    const lines = blocks.flatMap((block) => linesOf(block, name));
    const setting = lines[0]?.row?.repeats === 'adds' ? lines[0] : winnerOf(lines);
    if (setting !== undefined) return { setting, value: setting.value, from };
  }
  return undefined;
}

/** The lines of a directive that adds up: those of the nearest level that has any, or of all levels where they add up. */
export function vmtaSettings(config: PmtaConfig, vmta: VirtualMta | undefined, name: string): readonly ReadSetting[] {
  const lines = levelsOf(config, vmta).map(({ blocks }) => blocks.flatMap((block) => linesOf(block, name)));
  return ADD_OVER_LEVELS.has(name) ? lines.flat() : (lines.find((level) => level.length > 0) ?? []);
}

interface Level {
  readonly blocks: readonly ScopeBlock[];
  readonly from: Effective['from'];
}

/** A line on a level where its directive may not stand has no value, so the table need not be asked here. */
function levelsOf(config: PmtaConfig, vmta: VirtualMta | undefined): readonly Level[] {
  const pools = vmta?.pools ?? [];
  return [
    { blocks: vmta?.blocks ?? [], from: 'virtual-mta' },
    ...pools.map(({ blocks }): Level => ({ blocks, from: 'pool' })),
    { blocks: [config.top], from: 'global' },
  ];
}
