import { type Command, Option } from 'commander';
import { addExamples } from './cli-examples';
import {
  addColor,
  addConversion,
  addVerdict,
  CONFIG_HELP,
  type ColorMode,
  type CommonFlags,
  checkConversion,
  paths,
} from './cli-options';
import { AUDIT_FORMATS, type AuditRequest } from './commands/audit-request';

type RunAudit = (request: AuditRequest, color: ColorMode) => Promise<void>;
type AuditFlags = Omit<AuditRequest, 'configs'> & CommonFlags;

export function addAudit(program: Command, run: RunAudit): void {
  const command = program
    .command('audit')
    .description('how much converts, what needs a person, what is lost; writes nothing')
    .argument('<config...>', `${CONFIG_HELP}; several give a report each and a total`, paths);
  addConversion(command);
  command.addOption(new Option('--format <format>', 'of the report').choices(AUDIT_FORMATS).default('text'));
  addColor(command);
  addVerdict(command);
  addExamples(command, [
    { line: 'pmta2kumo audit /etc/pmta', does: 'how much converts, and what a person has to do' },
    { line: 'pmta2kumo audit --format markdown /etc/pmta > audit.md', does: 'the same, to be sent to somebody' },
    {
      line: 'pmta2kumo audit --format json a/config b/config',
      does: 'several configurations and their total, for programs',
    },
    { line: 'pmta2kumo audit --format github --strict pmta', does: 'annotations of a workflow; warnings fail it' },
  ]);
  command.action(async (configs: readonly string[], { color, ...flags }: AuditFlags) => {
    checkConversion(command, flags);
    await run({ ...flags, configs }, color);
  });
}
