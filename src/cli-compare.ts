import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import {
  addColor,
  addConversion,
  CONFIG_HELP,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  path,
} from './cli-options';
import type { TraceRequest } from './commands/trace';
import type { VerifyRequest } from './commands/verify';

type RunTrace = (request: TraceRequest, color: ColorMode) => Promise<void>;
type TraceFlags = Omit<TraceRequest, 'config'> & CommonFlags;

export function addTrace(program: Command, run: RunTrace): void {
  const command = program
    .command('trace')
    .description('what both products do with mail to a domain through a virtual-mta; writes nothing')
    .argument('<config>', CONFIG_HELP, path)
    .requiredOption('--vmta <name>', 'virtual-mta, or pool, which is shown as each of its members')
    .requiredOption('--domain <domain>', 'recipient domain');
  addConversion(command);
  command.addOption(new Option('--format <format>', 'of the report').choices(['text', 'json']).default('text'));
  addColor(command);
  addExamples(command, [
    { line: 'pmta2kumo trace /etc/pmta --vmta mta1 --domain gmail.com', does: 'both sides of one path, compared' },
    { line: 'pmta2kumo trace /etc/pmta --vmta pool1 --domain web.de --format json', does: 'a pool, for programs' },
  ]);
  command.action(async (config: string, { color, ...flags }: TraceFlags) => {
    checkConversion(command, flags);
    await run({ ...flags, config }, color);
  });
}

type RunVerify = (request: VerifyRequest, color: ColorMode) => Promise<void>;
type VerifyFlags = Omit<VerifyRequest, 'config' | 'dir'> & CommonFlags;

export function addVerify(program: Command, run: RunVerify): void {
  const command = program
    .command('verify')
    .description('the same for every virtual-mta and every domain that the configuration tells apart; writes nothing')
    .argument('<config>', CONFIG_HELP, path)
    .argument('[dir]', 'the tree to compare with; the one that CONFIG converts to when left out', path);
  addConversion(command);
  command
    .option('--messages <file>', 'compare what becomes of these messages instead (JSON lines; - reads the input)', path)
    .option('--kumod [path]', 'hold the model of KumoMTA against a real kumod, too', path)
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .option('--quiet', 'say only what makes the run fail', false);
  addColor(command);
  addExamples(command, [
    { line: 'pmta2kumo verify /etc/pmta', does: 'what the conversion changes, for every path' },
    { line: 'pmta2kumo verify /etc/pmta /opt/kumomta/etc/policy', does: 'the same for a tree that exists' },
    { line: 'pmta2kumo verify /etc/pmta --messages sample.jsonl', does: 'what becomes of messages of your own' },
    { line: 'pmta2kumo verify /etc/pmta --kumod', does: 'the same, with the answers of the kumod of this machine' },
  ]);
  command.action(async (config: string, dir: string | undefined, { color, ...flags }: VerifyFlags) => {
    checkConversion(command, flags);
    await run({ ...flags, config, ...(dir === undefined ? {} : { dir }) }, color);
  });
}
