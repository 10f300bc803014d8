import type { Command } from 'commander';
import { buildProgram } from '../../src/cli-program';
import type { CommandIo } from '../../src/commands/command';

const NOTHING: Omit<CommandIo, 'color' | 'outColor'> = {
  host: { stat: () => undefined, realPath: () => undefined, read: () => new Uint8Array(), list: () => [] },
  version: '1.2.3',
  stdout: () => {},
  stderr: () => {},
  width: 80,
  interrupts: () => new AbortController().signal,
};

/** The program as it describes itself; it prints nothing and finds no files. */
export function testProgram(): Command {
  return buildProgram(NOTHING, { isTty: false, env: {} }, () => {});
}
