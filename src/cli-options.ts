import { posix } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { compareReleases, isReleaseName, releaseDate } from './kumo/api/release';

export type ColorMode = 'auto' | 'always' | 'never';

/** Oldest KumoMTA release that the emitted tree can be loaded by (providers, additional_connection_limits). */
const OLDEST_TARGET = '2024.11.08';

/** An empty one is most likely a shell variable without a value, and must not become the current folder. */
export function path(value: string): string {
  if (value === '' || value.includes('\0')) throw new InvalidArgumentError('It has to be a path.');
  return value;
}

export function absolutePath(value: string): string {
  if (!value.startsWith('/') || /[\p{Cc}]/u.test(value))
    throw new InvalidArgumentError('It has to be an absolute path.');
  return posix.normalize(value).replace(/(?<=.)\/$/, '');
}

/** Comma-separated, as for kumo.configure_redis_throttles. */
export function redisUrls(value: string): readonly string[] {
  return value.split(',').map((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
      throw new InvalidArgumentError('It has to be redis://HOST[:PORT][/DB], several separated by commas.');
    return part;
  });
}

export function release(value: string): string {
  if (!isReleaseName(value)) throw new InvalidArgumentError(`Releases are named like ${OLDEST_TARGET}.`);
  if (compareReleases(value, OLDEST_TARGET) < 0)
    throw new InvalidArgumentError(`The oldest release that can be written for is ${OLDEST_TARGET}.`);
  return releaseDate(value);
}
