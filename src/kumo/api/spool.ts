import type { FieldRow } from './field';

/** `kumo.define_spool`. */
export const spoolFields = [
  { name: 'flush', type: 'bool', since: '2023.03.31', default: false },
  { name: 'kind', type: 'enum', since: '2023.03.31', values: ['LocalDisk', 'RocksDB'], default: 'LocalDisk' },
  { name: 'min_free_inodes', type: 'min-free', since: '2024.09.02', default: '10%' },
  { name: 'min_free_space', type: 'min-free', since: '2024.09.02', default: '10%' },
  { name: 'name', type: 'enum', since: '2023.03.31', values: ['data', 'meta'], required: true },
  { name: 'path', type: 'string', since: '2023.03.31', required: true },
  { name: 'rocks_params', type: 'rocks-params', since: '2023.03.31' },
] as const satisfies readonly FieldRow[];

/** `rocks_params` of a spool; KumoMTA ignores unknown keys here. */
export const rocksParamFields = [
  { name: 'allow_error_unlatch', type: 'bool', since: 'unreleased', default: true },
  { name: 'compaction_readahead_size', type: 'int', since: '2023.03.31' },
  {
    name: 'compression_type',
    type: 'enum',
    since: '2023.03.31',
    values: ['None', 'Snappy', 'Zlib', 'Bz2', 'Lz4', 'Lz4hc', 'Zstd'],
    default: 'Snappy',
  },
  { name: 'error_latch_duration', type: 'duration', since: 'unreleased', default: '15s' },
  { name: 'error_unlatch_duration', type: 'duration', since: 'unreleased', default: '5m' },
  { name: 'increase_parallelism', type: 'signed', since: '2023.03.31' },
  { name: 'level0_stop_writes_trigger', type: 'signed', since: 'unreleased' },
  { name: 'level_compaction_dynamic_level_bytes', type: 'bool', since: '2023.03.31', default: false },
  { name: 'limit_concurrent_loads', type: 'int', since: '2025.03.19' },
  { name: 'limit_concurrent_removes', type: 'int', since: '2025.03.19' },
  { name: 'limit_concurrent_stores', type: 'int', since: '2025.03.19' },
  { name: 'log_file_time_to_roll', type: 'duration', since: '2023.11.28', default: '24h' },
  {
    name: 'log_level',
    type: 'enum',
    since: '2023.03.31',
    values: ['Debug', 'Info', 'Warn', 'Error', 'Fatal', 'Header'],
    default: 'Info',
  },
  { name: 'max_open_files', type: 'int', since: '2023.03.31' },
  { name: 'memtable_huge_page_size', type: 'int', since: '2023.03.31' },
  { name: 'obsolete_files_period', type: 'duration', since: '2023.11.28', default: '6h' },
  { name: 'optimize_level_style_compaction', type: 'int', since: '2023.03.31' },
  { name: 'optimize_universal_style_compaction', type: 'int', since: '2023.03.31' },
  { name: 'paranoid_checks', type: 'bool', since: '2023.03.31', default: false },
  { name: 'store_deadline', type: 'duration', since: 'unreleased', default: '30s' },
  { name: 'write_buffer_size', type: 'int', since: 'unreleased' },
] as const satisfies readonly FieldRow[];
