import { randomBytes } from 'node:crypto';
import { disagreements, type KumodAnswers } from '../compare/kumod/disagreements';
import { kumodQuestions, type Questions } from '../compare/kumod/questions';
import type { KumodReport } from '../report/kumod-report';
import { quoteTerminal } from '../report/quote-terminal';
import type { CommandIo, ExitCode } from './command';
import { kumodProgram, kumodUserArguments, movedText, privateFolder } from './kumod-copy';
import { readAnswers, scriptFiles } from './kumod-script';
import { filesOf, loadConversion } from './loaded-tree';
import type { DiskTree } from './read-tree';
import type { ConversionRequest, Converted } from './run-conversion';
import { runProgram } from './run-program';

/** Asks kumod for a command: what it says, or the exit code of a run that ends here, which is told. */
export async function kumodPart(
  wanted: true | string,
  converted: Converted,
  request: Pick<ConversionRequest, 'installDir' | 'target'>,
  other: Pick<DiskTree, 'files'> | undefined,
  io: CommandIo,
): Promise<KumodReport | ExitCode> {
  const found = await askKumod(wanted, converted, request, other, io);
  if (found.status === 'compared') return found;
  if (found.status === 'interrupted') {
    io.stderr('pmta2kumo: interrupted\n');
    return 130;
  }
  io.stderr(`pmta2kumo: --kumod: ${quoteTerminal(found.program)}: ${quoteTerminal(found.reason)}\n`);
  return 3;
}

/** How a real kumod and the model of it compare. */
export type KumodComparison =
  | ({ readonly status: 'compared' } & KumodReport)
  /** `reason` is the end of a sentence that begins with the program. */
  | { readonly status: 'not-run'; readonly program: string; readonly reason: string }
  | { readonly status: 'interrupted'; readonly program: string };

/** milliseconds; the tree's domains are looked up in DNS. */
const LONGEST = 300_000;
/** bytes */
const MOST_OUTPUT = 2 ** 27;

/**
 * Asks a real kumod what it makes of the queues and paths of a tree, and holds that against what the model says of the
 * same. `other`: another tree than the conversion's own.
 */
export async function askKumod(
  wanted: true | string,
  converted: Converted,
  request: Pick<ConversionRequest, 'installDir' | 'target'>,
  other: Pick<DiskTree, 'files'> | undefined,
  io: Pick<CommandIo, 'interrupts'>,
): Promise<KumodComparison> {
  const program = kumodProgram(wanted);
  const files = other?.files ?? filesOf(converted.conversion);
  const tenantOf = (tenants: ReadonlyMap<string, string>) => (name: string) =>
    tenants.get(name.toLowerCase()) ?? name.toLowerCase();
  const first = await loadConversion(converted, request, files);
  const questions = kumodQuestions(converted.conversion.config, first.tree, tenantOf(first.tenants));
  first.tree.close();
  // No queue and no path depends on a password. What a tree of others needs is not known.
  const secret = other === undefined ? secretOf(converted) : new Set<string>();
  const answers = await answersOf(program, files, secret, request.installDir, questions, io.interrupts());
  if ('status' in answers) return { ...answers, program };
  // The same mail exchangers on both sides.
  const mx = {
    ...converted.mx,
    hostsOf: (domain: string) => answers.hosts.get(domain) ?? converted.mx.hostsOf(domain),
  };
  const { tree } = await loadConversion({ ...converted, mx }, request, files);
  try {
    return {
      status: 'compared',
      program,
      queues: { asked: questions.queues.length, all: questions.all.queues },
      paths: { asked: questions.paths.length, all: questions.all.paths },
      disagreements: disagreements(tree, questions, answers),
    };
  } finally {
    tree.close();
  }
}

function secretOf({ conversion }: Converted): ReadonlySet<string> {
  return new Set(conversion.files.filter(({ mode }) => mode === 0o600).map(({ path }) => path));
}

type NoAnswers = { readonly status: 'not-run'; readonly reason: string } | { readonly status: 'interrupted' };

async function answersOf(
  program: string,
  files: ReadonlyMap<string, string>,
  secret: ReadonlySet<string>,
  installDir: string,
  questions: Questions,
  interrupt: AbortSignal,
): Promise<KumodAnswers | NoAnswers> {
  const folder = privateFolder();
  try {
    // A policy may print as well.
    const mark = `pmta2kumo-${randomBytes(8).toString('hex')} `;
    const home = `${folder.path}/policy`;
    for (const [path, text] of files)
      if (!secret.has(path)) folder.write(`policy/${path}`, movedText(path, text, installDir, home));
    const { script, questions: asked } = scriptFiles(home, `${folder.path}/questions.json`, mark, questions);
    folder.write('questions.json', asked);
    folder.write('ask.lua', script);
    const args = ['--policy', `${folder.path}/ask.lua`, '--script', ...kumodUserArguments()];
    const run = await runProgram(program, args, { longest: LONGEST, mostOutput: MOST_OUTPUT, interrupt });
    if (run.status === 'interrupted') return { status: 'interrupted' };
    if (run.status === 'failed') return { status: 'not-run', reason: run.reason };
    if (run.code !== 0) return { status: 'not-run', reason: failureText(run.both, run.code, home) };
    const answers = readAnswers(run.stdout.replaceAll(home, installDir), mark, questions);
    return 'fault' in answers ? { status: 'not-run', reason: `it ${answers.fault}` } : answers;
  } finally {
    folder.remove();
  }
}

/** The last thing that kumod says is why it ended. */
function failureText(output: string, code: number, home: string): string {
  if (/unexpected argument|unrecognized option|Usage:/.test(output))
    return 'it does not know --script; KumoMTA does since 2024.09.01';
  const lines = output
    .replace(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = lines.at(-1)?.replaceAll(`${home}/`, '').slice(0, 300);
  return `it ended with code ${code}${said === undefined ? ' and said nothing' : `: ${said}`}`;
}
