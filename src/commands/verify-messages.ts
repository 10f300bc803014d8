import { createMessageVerifier, failsMessages, type MessagesVerification } from '../compare/messages/verify-messages';

import { type KumodReport, kumodJson, kumodText } from '../report/kumod-report';

import { messagesJson, messagesText } from '../report/messages-report';

import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo, ExitCode } from './command';
import { loadConversion } from './loaded-tree';
import { type MessageFile, messageFile } from './message-lines';
import { createProgress } from './progress';
import type { ConversionRequest, Converted } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';

export interface MessagesRequest extends Pick<ConversionRequest, 'installDir' | 'target'> {
  /** File with sample messages, as given; `-` is the standard input. */
  readonly messages: string;
  readonly dir?: string;
  readonly format: 'text' | 'json';
  readonly quiet: boolean;
}

/** What was found out before messages are looked at. */
export interface Found {
  /** Files of another tree than the conversion's own. */
  readonly files: ReadonlyMap<string, string> | undefined;
  /** What a real kumod says. */
  readonly kumod: KumodReport | undefined;
  /** The run fails whatever the messages say. */
  readonly failed: boolean;
}

/** Walks sample messages through both selections. */
export async function verifyMessages(
  converted: Converted,
  request: MessagesRequest,
  { files, kumod, failed }: Found,
  io: CommandIo,
): Promise<ExitCode> {
  const file = messageFile(request.messages);
  const found = await compare(converted, request, files, file, io);
  tellDiagnostics(file.diagnostics.list, io);
  if (typeof found === 'number') return found;
  if (found.results.length === 0 && file.diagnostics.list.length === 0) {
    io.stderr(`pmta2kumo: --messages: ${quoteTerminal(request.messages)} holds no message\n`);
    return 2;
  }
  const differs = found.differences.some(failsMessages);
  const bad = differs || failed || file.diagnostics.hasErrors;
  if (request.format === 'json') io.stdout(messagesJson(found, kumodJson(kumod)));
  else if (found.results.length > 0 && (bad || !request.quiet))
    io.stdout(messagesText(found, io.width) + kumodText(kumod, io.width));
  return bad ? 1 : 0;
}

async function compare(
  converted: Converted,
  request: MessagesRequest,
  files: ReadonlyMap<string, string> | undefined,
  file: MessageFile,
  io: CommandIo,
): Promise<MessagesVerification | ExitCode> {
  const own = await loadConversion(converted, request);
  const other = files === undefined ? undefined : await loadConversion(converted, request, files);
  try {
    if (other !== undefined && other.errors > 0) {
      const dir = quoteTerminal(request.dir ?? '');
      io.stderr(`pmta2kumo: ${dir} cannot be compared: it does not load without errors; pmta2kumo check tells them\n`);
      return 3;
    }
    const { config, ledger } = converted.conversion;
    const verifier = createMessageVerifier(config, (other ?? own).tree, {
      tenantOf: (name) => own.tenants.get(name.toLowerCase()) ?? name.toLowerCase(),
      entryOf: (setting) => ledger.entry(setting),
      ...(other === undefined ? {} : { own: own.tree }),
    });
    const progress = createProgress(io, request.quiet);
    let done = 0;
    const failure = await file.messages((line, message) => {
      verifier.add(line, message);
      progress.tell('comparing messages', ++done);
    });
    progress.end();
    if (failure === undefined) return verifier.finish();
    io.stderr(`pmta2kumo: --messages: ${quoteTerminal(failure.path)}: ${failure.reason}\n`);
    return 2;
  } finally {
    own.tree.close();
    other?.tree.close();
  }
}
