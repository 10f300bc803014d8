import { RECEPTION_KEYS } from './needs-reception';

/** Keys of rules for which the templates of pmta.lua have code. */
export const RULE_KEYS: readonly string[] = [
  'add_date_header',
  'add_received_header',
  'add_message_id_header',
  'allow_empty_x_virtual_mta',
  'default_virtual_mta',
  'hide_message_source',
  'invalid_virtual_mta_fallback',
  'jobid_header',
  'pattern_list',
  'process_x_dkim_key',
  'process_x_dkim_options',
  'process_x_envid',
  'process_x_job',
  'process_x_virtual_mta',
  'remove_headers',
  'remove_received_headers',
  'retain_x_dkim_key',
  'retain_x_dkim_options',
  'retain_x_job',
  'retain_x_virtual_mta',
  ...RECEPTION_KEYS,
];
