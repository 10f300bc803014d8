/** `1 source`, `2 sources`: for nouns whose plural is an `s` more. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
