import type { DisagreementKind } from '../compare/kumod/disagreements';
import { wrap } from '../diagnostics/wrap';
import type { Json } from './json-text';
import { quoteTerminal } from './quote-terminal';

/** What a real kumod was asked, and where it says something else than the model. */
export interface KumodReport {
  readonly program: string;
  readonly queues: { readonly asked: number; readonly all: number };
  readonly paths: { readonly asked: number; readonly all: number };
  readonly disagreements: readonly DisagreementKind[];
}

/** `kumod` of `pmta2kumo.verify/1`, where it was asked. */
export function kumodJson(report: KumodReport | undefined): Readonly<Record<string, Json>> {
  if (report === undefined) return {};
  const { program, queues, paths, disagreements } = report;
  const kumod = {
    program,
    queues: { ...queues },
    paths: { ...paths },
    disagreements: disagreements.map((each) => ({ ...each })),
  };
  return { kumod };
}

/** The same for people. */
export function kumodText(report: KumodReport | undefined, width: number): string {
  if (report === undefined) return '';
  const { program, queues, paths, disagreements } = report;
  const head = `${quoteTerminal(program)} was asked about ${amount(queues, 'queues')} and ${amount(paths, 'paths')}.`;
  if (disagreements.length === 0) return `\n${head} It says what the model says.\n`;
  const title = 'The model of KumoMTA and kumod disagree; where they do, believe kumod and report it to pmta2kumo:';
  return `\n${head}\n\n${[...wrap(title, width), ...disagreements.flatMap((each) => rows(each, width))].join('\n')}\n`;
}

function amount({ asked, all }: KumodReport['queues'], what: string): string {
  return asked === all ? `${all} ${what}` : `${asked} of ${all} ${what}`;
}

function rows({ kind, where, field, model, kumod, count }: DisagreementKind, width: number): readonly string[] {
  const more = count === 1 ? '' : `, and ${count - 1} more like it`;
  return [
    `  ${field} of the ${kind} ${quoteTerminal(where)}${more}`,
    ...wrap(`${quoteTerminal(model)} in the model, ${quoteTerminal(kumod)} in kumod`, width - 4).map(
      (line) => `    ${line}`,
    ),
  ];
}
