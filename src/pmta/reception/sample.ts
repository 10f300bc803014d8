/** A message as a client hands it in, as far as PowerMTA's choices look at it. */
export interface SampleMessage {
  /** Address of the client. */
  readonly peer: string;
  /** `ADDRESS:PORT` that the client connected to; the first listener's when absent. */
  readonly listener?: string;
  /** The `<smtp-user>` that the client has logged in as. */
  readonly user?: string;
  /** Envelope; empty is the null sender. */
  readonly from: string;
  readonly to: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Whether a PCRE of PowerMTA fits a text; undefined when it cannot be tried. */
export type Fits = (pattern: string, text: string) => boolean | undefined;

/** The first header of a name, in any case; undefined when the message has none. */
export function headerOf({ headers }: Pick<SampleMessage, 'headers'>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** What stands behind the last `@`, in lower case; empty when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}

/** What stands before the last `@`. */
export function localPartOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}
