/** The domain behind the `@` at the end of a pattern over addresses, in lower case; undefined when it is no one domain. */
export function domainOfRegex(pattern: string): string | undefined {
  const tail = /@((?:[a-z0-9_-]+(?:\\?\.|\[\.\]))+[a-z0-9-]+)(?:\$|\\Z|>\$?)?$/i.exec(pattern)?.[1];
  // What may be repeated, left out or chosen does not end in one domain.
  if (tail === undefined || /(?<!\\)\|/.test(pattern)) return undefined;
  return tail.replace(/\\\.|\[\.\]/g, '.').toLowerCase();
}

/** A fancy-regex that fits this address in any case, and nothing else. */
export function addressPattern(address: string): string {
  return `(?i)^${address.replace(/[\\.+*?()|[\]{}^$#&~-]/g, '\\$&')}$`;
}
