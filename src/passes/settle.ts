import type { Setting } from '../pmta/model';
import type { PassContext } from './pass';

/** Settles a line that a pass has converted by what its row says: as exact, or as approximate with the row's note. */
export function settleByRow({ ledger }: PassContext, line: Setting, by: string): void {
  const { row } = line;
  const exact = row !== undefined && 'exactness' in row && row.exactness === 'exact';
  ledger.settle(line, exact ? 'exact' : 'approximate', by, exact ? undefined : row?.note);
}
