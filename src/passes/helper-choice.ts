import type { PeerRule } from './acl';
import type { PassContext } from './pass';
import { reroutes } from './reroutes';
import { type Option, ruleFields } from './source-rules';

/** Switches that say how the X-Virtual-MTA header is read; the queue helper can do so when all sources agree. */
const CHOICE: ReadonlySet<string> = new Set([
  'allow_empty_x_virtual_mta',
  'default_virtual_mta',
  'process_x_virtual_mta',
  'reject_invalid_virtual_mta',
  'retain_x_virtual_mta',
]);

/** What the queue helper does by itself, and the keys of the rules that Lua then need not know. */
export interface HelperPart {
  readonly options: ReadonlyMap<string, Option>;
  readonly keys: ReadonlySet<string>;
}

/** The tenant by header and default, when all who may hand in mail are treated alike; undefined when Lua has to choose. */
export function helperChoice(context: PassContext, deciding: readonly PeerRule[]): HelperPart | undefined {
  const { policy } = context;
  const renamed = policy.renames.some((rename) => rename.what === 'tenant');
  const [first] = deciding;
  if (first === undefined || policy.lua.memberPools.size > 0 || renamed || reroutes(context.config)) return undefined;
  if (!alike(context, deciding, CHOICE) || deciding.some((rule) => rule.settings.has('pattern-list'))) return undefined;
  const fields = ruleFields(context, first);
  if (fields.has('allow_empty_x_virtual_mta') || fields.has('reject_invalid_virtual_mta')) return undefined;
  const fallback = fields.get('default_virtual_mta');
  if (fallback?.value === 'by-smtp-source-ip') return undefined;
  const options = new Map<string, Option>();
  const header = fields.get('process_x_virtual_mta');
  if (header !== undefined) {
    options.set('tenant_header', { value: 'X-Virtual-MTA', settings: header.settings });
    if (!fields.has('retain_x_virtual_mta'))
      options.set('remove_tenant_header', { value: true, settings: header.settings });
  }
  const tenant = context.egress.tenantOf.get('{default}') ?? '{default}';
  options.set('default_tenant', fallback ?? { value: tenant, settings: [] });
  return { options, keys: CHOICE };
}

const JOBS: ReadonlySet<string> = new Set([
  'jobid_header',
  'jobid_prefix',
  'process_x_job',
  'retain_x_job',
  'unique_job_header',
]);

/** X-Job as the campaign, when all who may hand in mail are treated alike. */
export function helperJobs(context: PassContext, deciding: readonly PeerRule[]): HelperPart | undefined {
  const [first] = deciding;
  if (first === undefined || !alike(context, deciding, JOBS)) return undefined;
  const fields = ruleFields(context, first);
  const job = fields.get('process_x_job');
  if (job === undefined || ['jobid_header', 'jobid_prefix', 'unique_job_header'].some((key) => fields.has(key)))
    return undefined;
  const options = new Map<string, Option>([['campaign_header', { value: 'X-Job', settings: job.settings }]]);
  if (!fields.has('retain_x_job')) options.set('remove_campaign_header', { value: true, settings: job.settings });
  return { options, keys: JOBS };
}

function alike(context: PassContext, rules: readonly PeerRule[], keys: ReadonlySet<string>): boolean {
  const seen = rules.map((rule) =>
    JSON.stringify(
      [...ruleFields(context, rule)].filter(([key]) => keys.has(key)).map(([key, { value }]) => [key, value]),
    ),
  );
  return new Set(seen).size <= 1;
}
