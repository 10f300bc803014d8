import { asTable, type PolicyTable, type PolicyValue, plain, plainTable } from '../api/value';
import type { Place } from './finding';
import { parsePlace } from './host';
import { readText, readTexts } from './read-result';

export interface Rejection {
  readonly code: number;
  readonly message: string;
}

export interface Signature {
  readonly domain: string;
  readonly selector: string;
  readonly headers: readonly string[];
  readonly algo: string;
  /** All parameters of the signer. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The call that signs; only of journeys. */
  readonly place?: Place;
}

export function readSignature(item: PolicyValue): Signature {
  const table = asTable(item) ?? {};
  const { algo, place, ...params } = table;
  const at = parsePlace(readText(place));
  return {
    domain: readText(table['domain']) ?? '',
    selector: readText(table['selector']) ?? '',
    headers: readTexts(table['headers']),
    algo: readText(algo) ?? '',
    params: plainTable(params),
    ...(at === undefined ? {} : { place: at }),
  };
}

export function readRejection(table: PolicyTable | undefined): Rejection | undefined {
  if (table === undefined) return undefined;
  const code = table['code'];
  return { code: Number(code === undefined ? 421 : plain(code)), message: readText(table['message']) ?? '' };
}
