import type { Release } from './release';

/** A Lua module that ships with KumoMTA, `policy-extras.NAME`. */
export interface HelperModuleRow {
  readonly name: string;
  readonly since: Release;
}

/** The modules of policy-extras, sorted by name. Source: the release tags. */
export const helperModules = [
  { name: 'dkim_sign', since: '2023.06.22' },
  { name: 'docker_utils', since: '2025.05.06' },
  { name: 'listener_domains', since: '2023.06.22' },
  { name: 'log_hooks', since: '2023.11.28' },
  { name: 'mail_auth', since: '2025.12.02' },
  { name: 'policy_utils', since: '2023.06.22' },
  { name: 'queue', since: '2023.11.28' },
  { name: 'rollup', since: '2023.08.22' },
  { name: 'shaping', since: '2023.05.10' },
  { name: 'sources', since: '2023.06.22' },
  { name: 'typing', since: '2024.09.02' },
] as const satisfies readonly HelperModuleRow[];
