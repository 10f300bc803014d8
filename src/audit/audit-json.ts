import { diagnosticsToJson } from '../diagnostics/json';
import { type Json, toDeepJsonText } from '../report/json-text';
import { percent } from '../report/summarise';
import type { Audit } from './audit';
import { ORDER_RULE, type Stage } from './cut-over';
import { EFFORT_CAVEAT } from './effort';
import type { Remainder, Share, SharedRemainder } from './shares';
import { sizeRatio } from './size';
import type { Total } from './total';

/** All reports and their total as one document, `pmta2kumo.audit/1`. Holds no values of the input. */
export function auditJson(audits: readonly Audit[], total: Total): string {
  return toDeepJsonText({
    schema: 'pmta2kumo.audit/1',
    total: {
      configurations: total.configs,
      ...shareToJson(total.share),
      areas: total.areas.map(namedShare),
      notAutomatic: total.remainders.map(sharedToJson),
      effort: { minutes: total.effort, note: EFFORT_CAVEAT },
      size: sizeToJson(total),
    },
    reports: audits.map(reportToJson),
    diagnostics: audits.flatMap(({ config, diagnostics }) =>
      diagnosticsToJson(diagnostics).map((diagnostic) => ({ ...diagnostic, config })),
    ),
  });
}

function reportToJson(audit: Audit): Json {
  const { effort, cutOver, size } = audit;
  return {
    config: audit.config,
    ...shareToJson(audit.share),
    areas: audit.areas.map(namedShare),
    files: audit.files.map(namedShare),
    notAutomatic: audit.remainders.map(remainderToJson),
    tasks: audit.tasks.map(({ directives, what, page, places }) => ({ directives, what, page, places })),
    copies: audit.copies.flatMap(({ what, page, files }) =>
      files.map(({ from, to, places }) => ({ what, from, to, page, places })),
    ),
    differences: audit.differences.map(({ directives, what, places }) => ({ directives, what, places })),
    reconsider: audit.findings.map(({ topic, code, severity, message, help, places }) => ({
      topic,
      code,
      severity,
      message,
      help,
      places,
    })),
    effort: {
      minutes: effort.minutes,
      note: EFFORT_CAVEAT,
      rows: effort.rows.map(({ what, count, minutes, total }) => ({ what, count, minutes, total })),
    },
    cutOver: {
      order: ORDER_RULE,
      preparation: cutOver.preparation,
      steps: cutOver.steps,
      stages: cutOver.stages.map(stageToJson),
      end: cutOver.end,
    },
    size: {
      ...sizeToJson(size),
      input: size.input.map(({ path, lines }) => ({ path, lines })),
      emitted: size.emitted.map(({ path, lines }) => ({ path, lines })),
    },
  };
}

function shareToJson({ total, automatic, counts }: Share) {
  return { settings: total, automatic, automaticPercent: Number(percent(automatic, total)), counts: { ...counts } };
}

function namedShare(share: Share): Json {
  return { name: share.name, ...shareToJson(share) };
}

function remainderToJson({ directive, outcome, count, reason, places }: Remainder): Json {
  return { directive, outcome, count, reason, places };
}

function sharedToJson({ directive, outcome, count, reason, configs }: SharedRemainder): Json {
  return { directive, outcome, count, reason, configs };
}

function stageToJson(stage: Stage): Json {
  const { pools, virtualMtas, addresses, keyRecords, isDefault, references, longestWait, places } = stage;
  return {
    pools,
    virtualMtas,
    addresses: addresses.map(({ source, address, host }) => ({ source, address, host })),
    keyRecords,
    isDefault,
    references,
    /** seconds; null: for ever */
    longestWait: longestWait ?? null,
    places,
  };
}

function sizeToJson(size: { readonly inputLines: number; readonly emittedLines: number }) {
  const ratio = sizeRatio(size);
  const { inputLines, emittedLines } = size;
  return { inputLines, emittedLines, ratio: ratio === undefined ? null : Number(ratio.toFixed(3)) };
}
