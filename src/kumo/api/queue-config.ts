import type { FieldRow } from './field';

/** `kumo.make_queue_config`; also the plain keys of queues.toml blocks. */
export const queueConfigFields = [
  { name: 'egress_pool', type: 'string', since: '2023.03.31' },
  { name: 'max_age', type: 'duration', since: '2023.03.31', default: '7 days' },
  { name: 'max_message_rate', type: 'throttle', since: '2024.06.10' },
  { name: 'max_retry_interval', type: 'duration', since: '2023.03.31' },
  { name: 'protocol', type: 'protocol', since: '2023.03.31', default: { smtp: {} } },
  { name: 'provider_name', type: 'string', since: '2024.11.08' },
  { name: 'reap_interval', type: 'duration', since: '2024.09.02', default: '10 minutes' },
  { name: 'refresh_interval', type: 'duration', since: '2024.09.02', default: '1 minute' },
  { name: 'refresh_strategy', type: 'enum', since: '2024.11.08', values: ['Ttl', 'Epoch'], default: 'Ttl' },
  { name: 'retry_interval', type: 'duration', since: '2023.03.31', default: '20 minutes' },
  {
    name: 'shrink_policy',
    type: 'shrink-policy',
    since: '2025.03.19',
    values: ['ShrinkDataAndMeta', 'ShrinkData', 'NoShrink'],
  },
  {
    name: 'strategy',
    type: 'enum',
    since: '2024.09.02',
    values: ['TimerWheel', 'SkipList', 'SingletonTimerWheel', 'SingletonTimerWheelV2'],
    default: 'SingletonTimerWheel',
  },
  { name: 'timerwheel_tick_interval', type: 'duration', since: '2024.09.02' },
] as const satisfies readonly FieldRow[];
