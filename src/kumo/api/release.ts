/** A KumoMTA release by its date (`2024.11.08`), or what only the development tree has. */
export type Release = `${number}.${number}.${number}` | 'unreleased';

/** The newest release the tables know; what a tree is written for when nothing else is asked. */
export const newestRelease: Release = '2026.06.23';

/** The oldest release that trees are written for: providers, shared limits and requeue_message came with it. */
export const oldestRelease: Release = '2024.11.08';

/**
 * Orders releases by date; `unreleased` is newer than all. Names may carry the commit (`2024.11.08-d383b033`).
 * Returns a negative number, 0 or a positive number, as `Array.sort` wants it.
 */
export function compareReleases(a: string, b: string): number {
  const left = keyOf(a);
  const right = keyOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Is this how a release is written: `2024.11.08`, perhaps with its commit? */
export function isReleaseName(text: string): boolean {
  return /^\d{4}\.\d{2}\.\d{2}(-[0-9a-f]+)?$/.test(text);
}

/** The date in the name of a release, without the commit. */
export function releaseDate(name: string): string {
  return name.slice(0, 10);
}

// Years, months and days are of fixed width, so the text itself sorts; `~` sorts after every digit.
function keyOf(release: string): string {
  return release === 'unreleased' ? '~' : releaseDate(release);
}
