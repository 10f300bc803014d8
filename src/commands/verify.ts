import { isFailure, type Verification, verifyAll } from '../compare/verify';
import { renderDiagnostics } from '../diagnostics/render';
import { verifyJson, verifyText } from '../report/verify-report';
import type { CommandIo, ExitCode } from './command';
import { type ConversionRequest, type Converted, holdsNothing, isFailing, runConversion } from './run-conversion';
import { tracerFor } from './tracer';

export interface VerifyRequest extends Omit<ConversionRequest, 'dryRun'> {
  readonly format: 'text' | 'json';
  /** Only what makes the run fail. */
  readonly quiet: boolean;
}

/** A run shorter than this says nothing of its progress, in milliseconds. */
const QUIET_FOR = 1_000;

/** Compares every pair of a virtual-mta and a domain that the configuration distinguishes. Writes nothing. */
export async function verifyCommand(request: VerifyRequest, io: CommandIo): Promise<ExitCode> {
  const converted = await runConversion({ ...request, dryRun: true }, io);
  if (converted === undefined || holdsNothing(converted, request, io)) return 2;
  const failing = converted.diagnostics.list.filter((one) => isFailing(one, { strict: false }));
  io.stderr(renderDiagnostics(failing, { color: io.color, width: io.width }));
  const verification = await verify(converted, request, io);
  const failed = verification.differences.some(isFailure);
  if (request.format === 'json') io.stdout(verifyJson(verification));
  else if (failed || !request.quiet) io.stdout(verifyText(verification, io.width));
  return failed || failing.length > 0 ? 1 : 0;
}

async function verify(converted: Converted, request: VerifyRequest, io: CommandIo): Promise<Verification> {
  const { tracer, close } = await tracerFor(converted, request);
  const { config, ledger } = converted.conversion;
  try {
    return verifyAll(config, tracer, (setting) => ledger.entry(setting), progressOn(io));
  } finally {
    close();
  }
}

/** One line that counts, on a terminal, once it takes long. */
function progressOn(io: CommandIo): (done: number, all: number) => void {
  const began = Date.now();
  let last = began;
  return (done, all) => {
    const now = Date.now();
    if (io.isTerminal !== true || now - began < QUIET_FOR || (now - last < 200 && done < all)) return;
    last = now;
    io.stderr(done < all ? `\r${done} of ${all} senders compared` : '\r\u001b[K');
  };
}
