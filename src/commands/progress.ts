import type { CommandIo } from './command';

/** Told as a stage begins or goes on; `done` of `all` where something is counted. */
export type TellProgress = (stage: string, done?: number, all?: number) => void;

/** One line on the terminal that says what a long run is doing. */
export interface Progress {
  readonly tell: TellProgress;
  /** The same outputs, but the line makes room before anything is said. */
  readonly io: CommandIo;
  /** Takes the line away. */
  end(): void;
}

/** A run shorter than this says nothing of its progress, in milliseconds. */
const QUIET_FOR = 1_000;
/** Between two looks of a line that only counts, in milliseconds. */
const PAUSE = 100;

const CLEAR = '\r\u001b[K';

/**
 * Progress on the standard error, rewritten in place. Nothing where that is no terminal or `quiet` is asked for, nor in
 * the first second. Stages do not yield, so the line changes only when `tell` is called.
 */
export function createProgress(io: CommandIo, quiet: boolean, now: () => number = Date.now): Progress {
  const shows = io.isTerminal === true && !quiet;
  const began = now();
  let shown = '';
  let last = Number.NEGATIVE_INFINITY;
  let stageShown = '';
  const end = () => {
    if (shown !== '') io.stderr(CLEAR);
    shown = '';
    stageShown = '';
  };
  const tell: TellProgress = (stage, done, all) => {
    io.onStage?.(stage);
    const time = now();
    if (!shows || time - began < QUIET_FOR || (stage === stageShown && time - last < PAUSE)) return;
    const line = progressLine(stage, done, all).slice(0, Math.max(io.width - 1, 0));
    if (line === shown) return;
    io.stderr(`${CLEAR}${line}`);
    [shown, stageShown, last] = [line, stage, time];
  };
  const afterClearing = (say: (text: string) => void) => (text: string) => {
    if (text !== '') end();
    say(text);
  };
  return { tell, end, io: { ...io, stdout: afterClearing(io.stdout), stderr: afterClearing(io.stderr) } };
}

function progressLine(stage: string, done: number | undefined, all: number | undefined): string {
  if (done === undefined) return `${stage} …`;
  return all === undefined ? `${stage} … ${done}` : `${stage} … ${done} of ${all}`;
}
