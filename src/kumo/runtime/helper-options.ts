import { didYouMean } from '../../diagnostics/likeness';
import type { Release } from '../api/release';
import { asTable, type PolicyTable, type PolicyValue, quoted } from '../api/value';
import type { Context } from './context';
import type { HostCall } from './host';
import { need } from './uses';

interface OptionSet {
  readonly label: string;
  /** Option and first release. */
  readonly names: Readonly<Record<string, Release>>;
  /** KumoMTA ignores options it does not know, instead of refusing them. */
  readonly lenient?: true;
  readonly required?: readonly string[];
}

const loadOptions = {
  aliased_site: '2024.11.08',
  dns_fail: '2024.11.08',
  http_timeout: '2025.03.19',
  local_load: '2024.11.08',
  null_mx: '2024.11.08',
  provider_overlap: '2024.11.08',
  remote_load: '2024.11.08',
  skip_remote: '2024.11.08',
} as const;

/** Options of the helpers (facts: helpers, tables of options). */
const optionSets = {
  new: {
    label: 'log_hooks:new',
    names: {
      batch_size: '2024.11.08',
      constructor: '2023.11.28',
      filter: '2026.04.09',
      log_parameters: '2023.11.28',
      max_batch_latency: '2025.01.23',
      min_batch_size: '2025.01.23',
      name: '2023.11.28',
      queue_config: '2023.11.28',
    },
    required: ['name', 'constructor'],
  },
  new_disposition_hook: {
    label: 'log_hooks:new_disposition_hook',
    names: { hook: '2025.10.06', name: '2025.10.06' },
    required: ['name', 'hook'],
  },
  new_json: {
    label: 'log_hooks:new_json',
    names: { log_parameters: '2023.11.28', name: '2023.11.28', queue_config: '2023.11.28', url: '2023.11.28' },
    required: ['name', 'url'],
  },
  queue: {
    label: 'the set-up of the queue helper',
    names: { file_names: '2023.12.28', invalidate_with_epoch: '2025.03.19', skip_queue_config_hook: '2023.12.28' },
    required: ['file_names'],
  },
  shaping: {
    label: 'shaping:setup_with_automation',
    names: {
      additional_skip_log_record_types: '2026.06.23',
      allow_stale_shaping_data: '2025.05.06',
      back_pressure: '2025.03.19',
      cache_ttl: '2024.06.10',
      extra_files: '2023.05.10',
      load_validation_options: '2024.11.08',
      no_default_files: '2024.06.10',
      pre_filter: '2024.09.02',
      publish: '2023.08.22',
      publish_connection_verbose: '2024.06.10',
      publish_pool_idle_timeout: '2024.06.10',
      publish_timeout: '2024.06.10',
      retry_shaping_data_fetch_on_populate_timeout: '2025.05.06',
      shaping_data_populate_timeout: '2025.05.06',
      skip_log_record_types: '2026.06.23',
      subscribe: '2023.08.22',
      tsa_queue_config: '2024.06.10',
      validation_options: '2024.11.08',
    },
    lenient: true,
  },
  shaping_load: { label: 'the load options of shaping', names: loadOptions },
} as const satisfies Record<string, OptionSet>;

export type OptionsOf = keyof typeof optionSets;

/** Checks the options of a helper; returns them as a table. */
export function checkOptions(
  set: OptionsOf,
  value: PolicyValue | undefined,
  context: Context,
  call: HostCall,
): PolicyTable {
  const { label, names, lenient, required }: OptionSet = optionSets[set];
  const table = asTable(value);
  if (table === undefined) {
    context.findings.add('tree-bad-type', `${label} takes a table`, call.place);
    return {};
  }
  for (const key of Object.keys(table)) {
    const since = Object.hasOwn(names, key) ? names[key] : undefined;
    if (since === undefined) {
      const text = `${label} has no option ${quoted(key)}${didYouMean(key, Object.keys(names))}`;
      context.findings.add(lenient ? 'tree-swallowed-key' : 'tree-unknown-field', text, call.place);
    } else need(context, `the option ${key} of ${label}`, since, call.place);
  }
  for (const key of required ?? []) {
    if (!Object.hasOwn(table, key))
      context.findings.add('tree-missing-field', `${label} needs the option ${key}`, call.place);
  }
  return table;
}
