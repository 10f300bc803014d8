import type { Diagnostic } from '../diagnostics/diagnostic';
import { diagnosticsToJson } from '../diagnostics/json';
import { countDiagnostics } from '../diagnostics/render';
import { toJsonText } from './json-text';
import { quoteTerminal } from './quote-terminal';

/** What `check` has to say on its standard output. */
export interface CheckReport {
  /** The tree, as the user named it. */
  readonly directory: string;
  /** How many files it holds. */
  readonly files: number;
  readonly target: string;
  readonly passed: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the tree is what a configuration converts to. */
  readonly source?: { readonly config: string; readonly current: boolean };
  /** What kumod itself says; `not-run`: it could not be asked. */
  readonly kumod?: {
    readonly program: string;
    readonly status: 'passed' | 'failed' | 'not-run';
    readonly reason?: string;
  };
}

const KUMOD = {
  passed: 'accepts the tree',
  failed: 'refuses the tree',
  'not-run': 'could not be run',
} as const;

/** The summary for a terminal. */
export function checkText(report: CheckReport): string {
  const { directory, files, target, diagnostics, source, kumod } = report;
  const counts = countDiagnostics(diagnostics);
  const found = counts === '' ? 'nothing found' : counts;
  const lines = [`${quoteTerminal(directory)}: ${files} files, checked for KumoMTA ${target}: ${found}`];
  if (source !== undefined) {
    const config = quoteTerminal(source.config);
    lines.push(
      source.current ? `the tree is what ${config} converts to` : `the tree is not what ${config} converts to`,
    );
  }
  if (kumod !== undefined) {
    const reason = kumod.reason === undefined ? '' : `: ${quoteTerminal(kumod.reason)}`;
    lines.push(`${quoteTerminal(kumod.program)} ${KUMOD[kumod.status]}${reason}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The same as one document, `pmta2kumo.check/1`. */
export function checkJson({ directory, files, target, passed, diagnostics, source, kumod }: CheckReport): string {
  const count = (severity: Diagnostic['severity']) => diagnostics.filter((each) => each.severity === severity).length;
  return toJsonText({
    schema: 'pmta2kumo.check/1',
    status: passed ? 'passed' : 'failed',
    directory,
    files,
    target,
    counts: { error: count('error'), warning: count('warning'), info: count('info') },
    source: source === undefined ? undefined : { config: source.config, current: source.current },
    kumod: kumod === undefined ? undefined : { program: kumod.program, status: kumod.status, reason: kumod.reason },
    diagnostics: diagnosticsToJson(diagnostics).map((diagnostic) => ({ ...diagnostic })),
  });
}
