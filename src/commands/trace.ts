import { type Sender, type Trace, type Tracer, withoutMail } from '../compare/trace';
import { didYouMean } from '../diagnostics/likeness';
import { chosenMemberPools } from '../kumo/chosen-tenants';
import type { LoadedTree } from '../kumo/runtime/answers';
import type { PmtaConfig } from '../pmta/model';
import { quoteTerminal } from '../report/quote-terminal';
import { traceJson, traceText } from '../report/trace-report';
import type { CommandIo, ExitCode } from './command';
import { type ConversionRequest, holdsNothing, isFailing, runConversion } from './run-conversion';
import { tellDiagnostics } from './tell-diagnostics';
import { tracerFor } from './tracer';

export interface TraceRequest extends Omit<ConversionRequest, 'dryRun'> {
  /** Name of a virtual-mta or pool, in any case. */
  readonly vmta: string;
  /** Recipient domain. */
  readonly domain: string;
  readonly format: 'text' | 'json';
}

/** What stands behind the `@` of an address: a name, or an address in brackets. */
const DOMAIN =
  /^(?:[\p{L}\p{M}\p{N}_-]{1,63}(?:\.[\p{L}\p{M}\p{N}_-]{1,63})*\.?|\[[\da-f.:]+\]|\[ipv6:[\da-f.:]+\])$/iu;
const LONGEST_DOMAIN = 254;

/** Shows what both products do with mail to a domain through a virtual-mta. Writes nothing. */
export async function traceCommand(request: TraceRequest, io: CommandIo): Promise<ExitCode> {
  const { domain } = request;
  if (!DOMAIN.test(domain) || domain.length > LONGEST_DOMAIN) {
    io.stderr(`pmta2kumo: --domain: ${quoteTerminal(domain.slice(0, LONGEST_DOMAIN)) || 'nothing'} is no domain\n`);
    return 2;
  }
  const converted = await runConversion({ ...request, dryRun: true }, io);
  if (converted === undefined || holdsNothing(converted, request, io)) return 2;
  const failing = converted.diagnostics.list.filter((one) => isFailing(one, { strict: false }));
  tellDiagnostics(failing, io);
  const { tracer, close } = await tracerFor(converted, request);
  try {
    const senders = sendersNamed(tracer, request.vmta);
    if (senders.length === 0) {
      io.stderr(`pmta2kumo: --vmta: ${whyNone(converted.conversion.config, tracer, request.vmta)}\n`);
      return 2;
    }
    const members = chosenMemberPools(converted.conversion.policy);
    const traces = senders.map((sender) => {
      const trace = tracer.trace(sender, domain.toLowerCase().replace(/\.$/, ''));
      const whole = { ...trace, comparison: [...trace.comparison, ...tracer.selection(sender)] };
      return withoutMail(whole, members.get(trace.kumo.tenant));
    });
    io.stdout(reportOf(request, tracer.tree, traces, io));
    return failing.length > 0 ||
      traces.some(({ comparison }) => comparison.some(({ verdict }) => verdict === 'looser' || verdict === 'differs'))
      ? 1
      : 0;
  } finally {
    close();
  }
}

/** A virtual-mta by itself; a pool as each of its members. */
function sendersNamed(tracer: Tracer, name: string): readonly Sender[] {
  const wanted = name.toLowerCase();
  const alone = tracer.senders.filter(({ vmta, pool }) => pool === undefined && vmta.name.toLowerCase() === wanted);
  return alone.length > 0 ? alone : tracer.senders.filter(({ pool }) => pool?.name.toLowerCase() === wanted);
}

function whyNone({ pools }: PmtaConfig, tracer: Tracer, name: string): string {
  const pool = pools.get(name.toLowerCase());
  if (pool !== undefined) return `the pool ${quoteTerminal(pool.name)} has no valid member`;
  const known = new Set(tracer.senders.map((sender) => sender.pool?.name ?? sender.vmta.name));
  const hint = quoteTerminal(didYouMean(name, known));
  return `no virtual-mta and no pool is called ${quoteTerminal(name) || "''"}${hint}`;
}

function reportOf(request: TraceRequest, tree: LoadedTree, traces: readonly Trace[], io: CommandIo): string {
  if (request.format === 'json') return traceJson(tree, traces);
  return traces.map((trace) => traceText(tree, trace, io.width)).join('\n');
}
