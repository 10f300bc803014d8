import { isFailure, type Verification, verifyAll } from '../compare/verify';
import { kumodJson, kumodText } from '../report/kumod-report';
import { quoteTerminal } from '../report/quote-terminal';
import { verifyJson, verifyText } from '../report/verify-report';
import { kumodPart } from './ask-kumod';
import type { CommandIo, ExitCode } from './command';
import { createProgress } from './progress';
import { openTree } from './read-tree';
import { type ConversionRequest, type Converted, holdsNothing, isFailing, runConversion } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';
import { tracerFor } from './tracer';
import { verifyMessages } from './verify-messages';

export interface VerifyRequest extends Omit<ConversionRequest, 'dryRun'> {
  /** Tree to compare with, as given; the one that the configuration converts to when absent. */
  readonly dir?: string;
  /** File with sample messages, as given; they are compared instead of the pairs. */
  readonly messages?: string;
  readonly format: 'text' | 'json';
  /** `true`: the kumod of this machine; a text: that program. */
  readonly kumod?: true | string;
  /** Only what makes the run fail. */
  readonly quiet: boolean;
}

/** Compares every pair of a virtual-mta and a domain that the configuration distinguishes. Writes nothing. */
export async function verifyCommand(request: VerifyRequest, io: CommandIo): Promise<ExitCode> {
  const converted = await runConversion({ ...request, dryRun: true }, io);
  if (converted === undefined || holdsNothing(converted, request, io)) return 2;
  const failing = converted.diagnostics.list.filter((one) => isFailing(one, { strict: false }));
  tellDiagnostics(failing, io);
  const tree = request.dir === undefined ? undefined : openTree(request.dir, io);
  if (request.dir !== undefined && tree === undefined) return 2;
  const kumod = request.kumod === undefined ? undefined : await kumodPart(request.kumod, converted, request, tree, io);
  if (typeof kumod === 'number') return kumod;
  const bad = failing.length > 0 || (kumod?.disagreements.length ?? 0) > 0;
  const { messages } = request;
  if (messages !== undefined)
    return verifyMessages(converted, { ...request, messages }, { files: tree?.files, kumod, failed: bad }, io);
  const verification = await verify(converted, request, tree?.files, io);
  if (verification === undefined) return 3;
  const failed = verification.differences.some(isFailure);
  if (request.format === 'json') io.stdout(verifyJson(verification, kumodJson(kumod)));
  else if (failed || bad || !request.quiet) io.stdout(verifyText(verification, io.width) + kumodText(kumod, io.width));
  return failed || bad ? 1 : 0;
}

/** Undefined for a tree that does not load. */
async function verify(
  converted: Converted,
  request: VerifyRequest,
  files: ReadonlyMap<string, string> | undefined,
  io: CommandIo,
): Promise<Verification | undefined> {
  const own = await tracerFor(converted, request);
  const other = files === undefined ? undefined : await tracerFor(converted, request, files);
  try {
    if (other !== undefined && other.errors > 0) {
      const dir = quoteTerminal(request.dir ?? '');
      io.stderr(`pmta2kumo: ${dir} cannot be compared: it does not load without errors; pmta2kumo check tells them\n`);
      return undefined;
    }
    const { config, ledger } = converted.conversion;
    return verifyAll(config, (other ?? own).tracer, {
      entryOf: (setting) => ledger.entry(setting),
      progress: progressOn(io, request.quiet),
      ...(other === undefined ? {} : { own: own.tracer }),
    });
  } finally {
    own.close();
    other?.close();
  }
}

function progressOn(io: CommandIo, quiet: boolean): (done: number, all: number) => void {
  const { tell, end } = createProgress(io, quiet);
  return (done, all) => (done < all ? tell('comparing senders', done, all) : end());
}
