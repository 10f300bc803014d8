import { basename, dirname, join } from 'node:path/posix';
import type { FileCopy } from '../kumo/model';
import type { Setting } from '../pmta/model';
import { claimCopy } from './copies';
import type { PassContext } from './pass';

/**
 * Where KumoMTA reads a certificate: below its own configuration, because PowerMTA's files are usually readable by root
 * only. PowerMTA keeps certificate and key in one PEM file, so one path serves for both (M5 3.3.1.38.6). A pass phrase
 * has no counterpart. Undefined when the line gives no file.
 */
export function certificateOf(context: PassContext, line: Setting | undefined, by: string): string | undefined {
  if (line?.value?.kind !== 'path-secret' || line.value.path === '') return undefined;
  const { path: from, secret } = line.value;
  const to = copyToTls(context, from, 'TLS certificate and key', line);
  if (secret === undefined || secret === '') {
    context.ledger.settle(line, 'exact', by);
  } else {
    if (!context.ledger.isSettled(line)) context.diagnostics.report('tls-pass-phrase', line.span, { file: from });
    context.ledger.settle(
      line,
      'manual',
      by,
      'KumoMTA takes no pass phrase: decrypt the private key before it is copied.',
    );
  }
  return to;
}

/** Path below KumoMTA's configuration for a TLS file, which the report then asks to copy there. */
export function copyToTls(context: PassContext, from: string, what: FileCopy['what'], line: Setting): string {
  const folder = join(dirname(context.options.installDir), 'tls');
  return claimCopy(context, from, (n) => join(folder, n === 1 ? basename(from) : `${n}-${basename(from)}`), what, line);
}
