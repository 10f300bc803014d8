import type { DirectiveRow } from '../directives/row';
import type { Setting } from '../pmta/model';
import type { Pass, PassContext } from './pass';

const NAME = 'leftovers';

/** Lines that are used up in reading the configuration. */
const READ: ReadonlySet<string> = new Set(['domain-macro', 'include']);

/** Everything that no pass took gets the outcome of its row, so that no setting is lost in silence. */
export const leftoversPass: Pass = {
  name: NAME,
  needs: [],
  run(context) {
    for (const setting of context.config.settings) {
      if (!context.ledger.isSettled(setting)) settle(context, setting);
    }
  },
};

function settle(context: PassContext, setting: Setting): void {
  const { ledger } = context;
  const { row } = setting;
  if (row === undefined) {
    ledger.settle(setting, 'unknown', NAME);
  } else if (READ.has(setting.name)) {
    ledger.settle(setting, 'exact', NAME);
  } else if (setting.name === '<domain>') {
    // It converts with the lines in it.
    ledger.settle(setting, 'approximate', NAME, row.note);
  } else if (row.disposition === 'implicit') {
    // KumoMTA does so by itself; where only one of the values can be had, the row lists it.
    const fulfilled = row.idle === undefined || isIdle(setting);
    ledger.settle(setting, fulfilled ? 'implicit' : 'unsupported', NAME, row.note);
  } else if (asksForNothing(setting)) {
    ledger.settle(setting, 'implicit', NAME, 'With this value the directive asks for nothing.');
  } else {
    ledger.settle(setting, row.disposition === 'unsupported' ? 'unsupported' : 'manual', NAME, noteOf(row));
  }
}

/** The note of a row that could be converted describes the conversion; the reader has to know it was not made. */
function noteOf(row: DirectiveRow): string {
  const convertible = row.disposition === 'direct' || row.disposition === 'lowered';
  return convertible ? `Not converted by this version. What it would become: ${row.note}` : row.note;
}

/** True for a value that switches nothing on, or that is PowerMTA's default while nothing around it says otherwise. */
function asksForNothing(setting: Setting): boolean {
  const { row, value } = setting;
  if (isIdle(setting)) return true;
  if (value?.kind !== 'bool' || value.value || row?.default === undefined) return false;
  return ['false', 'no'].includes(row.default);
}

function isIdle({ row, raw }: Setting): boolean {
  const written = raw.trim().toLowerCase();
  return row?.idle?.includes(written === '""' ? '' : written) === true;
}
