import type { FieldRow } from './field';
import type { Release } from './release';

/** `kumo.configure_local_logs`. */
export const localLogFields = [
  { name: 'back_pressure', type: 'int', since: '2023.03.31', default: 128000 },
  { name: 'compression_level', type: 'signed', since: '2023.03.31', default: 0 },
  { name: 'filter_event', type: 'string', since: '2023.11.28' },
  { name: 'headers', type: 'string-list', since: '2023.03.31' },
  { name: 'log_dir', type: 'string', since: '2023.03.31', required: true },
  { name: 'max_file_size', type: 'int', since: '2023.03.31', default: 1000000000 },
  { name: 'max_segment_duration', type: 'duration', since: '2023.03.31' },
  {
    name: 'meta',
    type: 'string-list',
    since: '2023.03.31',
    laterForm: { holds: '*', since: '2025.10.06' },
  },
  { name: 'min_free_inodes', type: 'min-free', since: '2024.09.02', default: '10%' },
  { name: 'min_free_space', type: 'min-free', since: '2024.09.02', default: '10%' },
  {
    name: 'per_record',
    type: 'record-map',
    since: '2023.03.31',
    values: [
      'Reception',
      'Delivery',
      'Bounce',
      'TransientFailure',
      'Expiration',
      'AdminBounce',
      'OOB',
      'Feedback',
      'Rejection',
      'AdminRebind',
      'DeferredInjectionRebind',
      'Delayed',
      'XferOut',
      'XferIn',
      'Any',
    ],
  },
] as const satisfies readonly FieldRow[];

/** A block of `per_record`. */
export const logRecordFields = [
  { name: 'enable', type: 'bool', since: '2023.03.31', default: true },
  { name: 'log_dir', type: 'string', since: '2023.03.31' },
  { name: 'segment_header', type: 'string', since: '2023.11.28', default: '' },
  { name: 'suffix', type: 'string', since: '2023.03.31', laterForm: { holds: '/', since: '2025.03.19' } },
  { name: 'template', type: 'string', since: '2023.03.31' },
] as const satisfies readonly FieldRow[];

/** `kumo.configure_log_hook`. */
export const logHookFields = [
  { name: 'back_pressure', type: 'int', since: '2023.05.10', default: 128000 },
  { name: 'deferred_spool', type: 'bool', since: '2023.05.10', default: false },
  { name: 'headers', type: 'string-list', since: '2023.05.10' },
  {
    name: 'meta',
    type: 'string-list',
    since: '2023.05.10',
    laterForm: { holds: '*', since: '2025.10.06' },
  },
  { name: 'name', type: 'string', since: '2023.08.22', required: true },
  { name: 'per_record', type: 'record-map', since: '2023.05.10' },
] as const satisfies readonly FieldRow[];

/** `kumo.configure_log_disposition_hook`. */
export const dispositionHookFields = [
  { name: 'name', type: 'string', since: '2025.10.06', required: true },
  { name: 'per_record', type: 'record-map', since: '2025.10.06' },
] as const satisfies readonly FieldRow[];

/** Keys of `per_record`, and since when. */
export const recordTypes = [
  { name: 'AdminBounce', since: '2023.03.31' },
  { name: 'AdminRebind', since: '2024.09.02' },
  { name: 'Any', since: '2023.03.31' },
  { name: 'Bounce', since: '2023.03.31' },
  { name: 'DeferredInjectionRebind', since: '2025.01.23' },
  { name: 'Delayed', since: '2025.01.23' },
  { name: 'Delivery', since: '2023.03.31' },
  { name: 'Expiration', since: '2023.03.31' },
  { name: 'Feedback', since: '2023.03.31' },
  { name: 'OOB', since: '2023.03.31' },
  { name: 'Reception', since: '2023.03.31' },
  { name: 'Rejection', since: '2024.06.10' },
  { name: 'TransientFailure', since: '2023.03.31' },
  { name: 'XferIn', since: '2025.12.02' },
  { name: 'XferOut', since: '2025.12.02' },
] as const satisfies readonly { name: string; since: Release }[];
