import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../src/commands/command';
import { createProgress } from '../src/commands/progress';

/** A terminal 20 columns wide, and a clock that is set by hand. */
function terminal(options: { isTerminal?: boolean; quiet?: boolean } = {}) {
  const said: string[] = [];
  const stages: string[] = [];
  const clock = { now: 0 };
  const io: CommandIo = {
    host: { stat: () => undefined, realPath: (path) => path, read: () => new Uint8Array(), list: () => [] },
    version: '1.2.3',
    stdout: (text) => said.push(`out ${text}`),
    stderr: (text) => said.push(text),
    color: false,
    isTerminal: options.isTerminal ?? true,
    onStage: (stage) => stages.push(stage),
    width: 20,
    interrupts: () => new AbortController().signal,
  };
  return { said, stages, clock, progress: createProgress(io, options.quiet ?? false, () => clock.now) };
}

const CLEAR = '\r\u001b[K';

describe('progress', () => {
  it('says nothing in the first second, and then each stage on one line', () => {
    const { said, clock, progress } = terminal();
    progress.tell('reading');
    clock.now = 999;
    progress.tell('resolving');
    progress.end();
    expect(said).toEqual([]);
    clock.now = 1000;
    progress.tell('converting', 3, 41);
    clock.now = 1050;
    progress.tell('converting', 4, 41);
    clock.now = 1101;
    progress.tell('converting', 5, 41);
    progress.tell('writing');
    progress.end();
    progress.end();
    expect(said).toEqual([
      `${CLEAR}converting … 3 of 41`.slice(0, CLEAR.length + 19),
      `${CLEAR}converting … 5 of 41`.slice(0, CLEAR.length + 19),
      `${CLEAR}writing …`,
      CLEAR,
    ]);
  });

  it('makes room for what else is said', () => {
    const { said, clock, progress } = terminal();
    clock.now = 2000;
    progress.tell('writing');
    progress.io.stderr('');
    progress.io.stderr('a warning\n');
    progress.io.stdout('a result\n');
    progress.tell('writing');
    progress.end();
    expect(said).toEqual([`${CLEAR}writing …`, '', CLEAR, 'a warning\n', 'out a result\n', `${CLEAR}writing …`, CLEAR]);
  });

  it.each([{ isTerminal: false }, { quiet: true }])('is silent with %o, and still tells the stages', (options) => {
    const { said, stages, clock, progress } = terminal(options);
    clock.now = 5000;
    progress.tell('reading');
    progress.tell('writing', 1, 2);
    progress.end();
    expect(said).toEqual([]);
    expect(stages).toEqual(['reading', 'writing']);
  });
});
