/**
 * Typed values. Intervals are whole seconds, sizes are bytes (multiples of 1024), rates keep the unit they were
 * written in because 500/h and 8/min are not the same bucket.
 */
export interface Rate {
  readonly count: number;
  /** `100/15m` has 15; 1 when not written. */
  readonly multiple: number;
  readonly unit: 's' | 'm' | 'h' | 'd';
}

/** Types of accounting records, in the short spelling (M5 3.3.11.11). */
export type RecordType = 'd' | 'b' | 't' | 'tq' | 'r' | 'f' | 'rb' | 'rs';

export type ReplyAction =
  | { readonly action: 'mode-backoff' | 'mode-normal' | 'skip-mx' | 'bounce-queue' | 'bounce-rcpt' | 'defer-queue' }
  | { readonly action: 'disable-source-ip' }
  | { readonly action: 'reenable-after'; readonly seconds: number }
  | { readonly action: 'backoff-to-normal-after'; readonly seconds: number };

/** The pattern between the slashes, `\/` already read as `/`; everything else as written (PCRE). */
export interface Regex {
  readonly pattern: string;
}

/** `virtual-mta=a,recipient-priority=9` or `call-to:LIST`; empty when a nested block follows. */
export interface PatternResult {
  readonly virtualMta?: string;
  readonly priority?: number;
  readonly callTo?: string;
}

export type PrivacyMethod = 'retain' | 'redact' | 'siphash' | 'siphash-hexkey' | 'hmac-sha256' | 'hmac-sha256-hexkey';

export type HostListEntry =
  | { readonly via: 'mx'; readonly domain: string }
  | { readonly via: 'host'; readonly host: string; readonly port?: number }
  | { readonly via: 'address'; readonly address: string; readonly port?: number };

export type Value =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: number | 'unlimited' }
  /** seconds */
  | { readonly kind: 'interval'; readonly value: number | 'never' }
  /** seconds each */
  | { readonly kind: 'intervals'; readonly values: readonly number[] }
  | { readonly kind: 'rate'; readonly rate: Rate | 'unlimited' }
  /** bytes per period */
  | { readonly kind: 'data-rate'; readonly rate: Rate | 'unlimited' }
  /** `50/d,100/d`: day 1, day 2, … */
  | { readonly kind: 'daily-rates'; readonly values: readonly number[] }
  /** bytes */
  | { readonly kind: 'size'; readonly value: number | 'unlimited' }
  /** strict notation with the host bits cleared, `10.0.0.0/8`; a single address has no suffix */
  | { readonly kind: 'cidr'; readonly value: string; readonly hostBitsCleared: boolean }
  | { readonly kind: 'cidr-int'; readonly cidr: string; readonly value: number | 'unlimited' }
  | { readonly kind: 'cidr-rate'; readonly cidr: string; readonly rate: Rate | 'unlimited'; readonly bytes: boolean }
  /** one word or free text, quotes and escapes resolved; '' clears */
  | { readonly kind: 'text'; readonly value: string }
  /** like text, but never to be shown */
  | { readonly kind: 'secret'; readonly value: string }
  /** '' gives an empty list */
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly kind: 'listener'; readonly cidr: string; readonly port: number; readonly source?: string }
  | { readonly kind: 'source-host'; readonly address: string; readonly host?: string }
  | {
      readonly kind: 'proxy-source-host';
      readonly local: string;
      readonly server: string;
      readonly client: string;
      readonly host: string;
    }
  | { readonly kind: 'proxy-client'; readonly address: string; readonly host: string }
  | { readonly kind: 'domain-key'; readonly selector: string; readonly domain: string; readonly file: string }
  | { readonly kind: 'domain-macro'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'reply'; readonly regex: Regex; readonly actions: readonly ReplyAction[] }
  | { readonly kind: 'category-pattern'; readonly regex: Regex; readonly category: string }
  | { readonly kind: 'pattern'; readonly header?: string; readonly regex?: Regex; readonly result: PatternResult }
  | { readonly kind: 'regex-or-text'; readonly regex?: Regex; readonly text?: string }
  /** groups of equal preference, most preferred first; empty clears */
  | { readonly kind: 'host-list'; readonly groups: readonly (readonly HostListEntry[])[] }
  | { readonly kind: 'http-access'; readonly cidr: string; readonly level: 'none' | 'monitor' | 'operator' | 'admin' }
  | { readonly kind: 'path-secret'; readonly path: string; readonly secret?: string }
  /** what the method needs: a key, or the text that takes the place of an address; never to be shown */
  | { readonly kind: 'privacy-policy'; readonly method: PrivacyMethod; readonly secret?: string }
  | { readonly kind: 'path-pair'; readonly first: string; readonly second: string }
  | { readonly kind: 'mx-rollup'; readonly pattern: string; readonly queue: string; readonly byIp: boolean }
  | { readonly kind: 'mx-limit'; readonly pattern: string; readonly limit: number }
  | { readonly kind: 'record-fields'; readonly types: readonly RecordType[]; readonly fields: readonly string[] }
  | { readonly kind: 'map-header'; readonly type: RecordType; readonly header: string; readonly field: string }
  | { readonly kind: 'rewrite'; readonly from: string; readonly to: string }
  | { readonly kind: 'alias'; readonly from: string; readonly targets: readonly string[] }
  /** the argument of a tag, quotes resolved */
  | { readonly kind: 'tag'; readonly argument: string };

/** The number in a value of this kind; undefined for any other, and where a word stands for it (`unlimited`, `never`). */
export function numberOf(value: Value | undefined, kind: 'int' | 'interval' | 'size'): number | undefined {
  return value?.kind === kind && typeof value.value === 'number' ? value.value : undefined;
}

const SECONDS: Readonly<Record<Rate['unit'], number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** What a rate comes to in a second, to compare rates whose units differ. */
export function perSecond({ count, multiple, unit }: Rate): number {
  return count / (multiple * SECONDS[unit]);
}

export interface ValueError {
  readonly kind: 'error';
  /** Why the text is not a value of its kind, as the end of a sentence: `is not an interval such as 4d12h`. */
  readonly reason: string;
  /** Characters of the raw text that are wrong. */
  readonly start: number;
  readonly end: number;
}

/** Something to say about a value that is accepted all the same. */
export interface ValueWarning {
  readonly reason: string;
}

export interface ReadValue {
  readonly value: Value | ValueError;
  readonly warnings: readonly ValueWarning[];
}
