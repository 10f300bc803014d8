import type { Diagnostic } from '../diagnostics/diagnostic';
import { groupDiagnostics } from '../diagnostics/group';
import { renderDiagnostics } from '../diagnostics/render';
import type { CommandIo } from './command';

/** Flags of every command that tells diagnostics. */
export interface TellFlags {
  /** Each one is shown, also where many are alike. */
  readonly all?: boolean;
}

/** Tells diagnostics on the standard error. On a terminal, texts are wrapped and the last line says where to read more. */
export function tellDiagnostics(list: readonly Diagnostic[], io: CommandIo, { all = false }: TellFlags = {}): void {
  const isTerminal = io.isTerminal === true;
  io.stderr(renderDiagnostics(list, { color: io.color, width: io.width, isWrapped: isTerminal, all }));
  const [first] = list;
  if (!isTerminal || first === undefined) return;
  const hidden = !all && groupDiagnostics(list).some(({ rest }) => rest.length > 0);
  const more = hidden ? '; --all shows each of those that are told together' : '';
  io.stderr(`\`pmta2kumo explain CODE\` says more about a message, for instance ${first.code}${more}\n\n`);
}
