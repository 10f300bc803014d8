import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Audit } from '../../src/audit/audit';
import { ORDER_RULE } from '../../src/audit/cut-over';
import { EFFORT_CAVEAT, effortOf, hoursText, MINUTES, stageCounts } from '../../src/audit/effort';
import { DIRECTIVE_PAGES, docsUrl, PLAN_PAGES, pageUrl, SCOPE_PAGES } from '../../src/audit/pages';
import { sectionsMarkdown } from '../../src/audit/render-markdown';
import { sectionsText } from '../../src/audit/render-text';
import { auditSections, totalSections } from '../../src/audit/sections';
import type { Share } from '../../src/audit/shares';
import { totalOf } from '../../src/audit/total';
import { displayWidth } from '../../src/diagnostics/visible';
import { wrap } from '../../src/diagnostics/wrap';
import { DIRECTIVES } from '../../src/directives/table';
import { OUTCOMES } from '../../src/pmta/ledger';
import { allForms, auditConverted, auditText } from '../support/audited';
import { convertPath, FIXTURES } from '../support/converted';
import { describeCorpus } from '../support/corpus';
import { randomConfig } from '../support/random-config';

const CASES = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function auditPath(path: string): Audit {
  return auditConverted(convertPath(path), path);
}

function expectSums({ share, areas, files, remainders, tasks, differences, effort, size }: Audit): void {
  const consistent = (one: Share): void => {
    const sum = OUTCOMES.reduce((all, outcome) => all + one.counts[outcome], 0);
    expect(one.total).toBe(sum);
    expect(one.automatic).toBe(one.counts.exact + one.counts.approximate + one.counts.implicit);
  };
  for (const one of [share, ...areas, ...files]) consistent(one);
  for (const outcome of OUTCOMES) {
    for (const parts of [areas, files]) {
      expect(parts.reduce((all, { counts }) => all + counts[outcome], 0)).toBe(share.counts[outcome]);
    }
    const rows = remainders.filter((row) => row.outcome === outcome);
    const left = ['exact', 'approximate', 'implicit'].includes(outcome) ? 0 : share.counts[outcome];
    expect(rows.reduce((all, { count }) => all + count, 0)).toBe(left);
  }
  for (const { count, places, reason } of remainders) {
    expect(places).toHaveLength(count);
    expect(reason).not.toBe('');
  }
  expect(differences.reduce((all, { places }) => all + places.length, 0)).toBe(share.counts.approximate);
  expect(tasks.reduce((all, { places }) => all + places.length, 0)).toBe(share.counts.manual);
  expect(effort.rows.reduce((all, { count, minutes }) => all + count * minutes, 0)).toBe(effort.minutes);
  expect(size.emitted.reduce((all, { lines }) => all + lines, 0)).toBe(size.emittedLines);
  expect(size.input.reduce((all, { lines }) => all + lines, 0)).toBe(size.inputLines);
}

/** Markup and line breaks taken away, so that the forms can be compared by what they say. */
function words(text: string): string {
  return text
    .replace(/&#8203;|[\\`]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

/** Sentences and numbers of a report that every form has to have. */
function contentOf(audit: Audit): readonly string[] {
  const { tasks, copies, remainders, differences, cutOver, effort } = audit;
  return [
    ...OUTCOMES.map((outcome) => String(audit.share.counts[outcome])),
    ...tasks.flatMap(({ what, page }) => [what, page]),
    ...remainders.map(({ reason }) => reason),
    ...copies.flatMap(({ files }) => files.slice(0, 10).flatMap(({ from, to }) => [from, to])),
    ...differences.map(({ what }) => what),
    ...cutOver.preparation,
    ...cutOver.steps,
    ...cutOver.stages.flatMap(({ pools, virtualMtas }) => (pools.length > 0 ? pools : virtualMtas)),
    ...cutOver.end,
    ORDER_RULE,
    EFFORT_CAVEAT,
    ...effort.rows.map(({ what }) => what),
    ...audit.findings.map(({ help }) => help),
    ...audit.size.emitted.map(({ path }) => path),
  ];
}

function expectAlike(audit: Audit): void {
  const { text, markdown, json } = allForms(audit);
  const parsed: unknown = JSON.parse(json);
  const values: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    else values.push(String(value));
  };
  collect(parsed);
  const inJson = words(values.join('\n'));
  for (const said of contentOf(audit).map(words)) {
    expect(words(text)).toContain(said);
    expect(words(markdown)).toContain(said);
    expect(inJson).toContain(said);
  }
}

describe.each(CASES)('audit of the fixture %s', (name) => {
  const path = join(FIXTURES, name, 'input');
  const audit = auditPath(path);

  it('has sums that agree', () => {
    expectSums(audit);
  });

  it('says the same in every form, and the same when run again', () => {
    expectAlike(audit);
    expect(allForms(auditPath(path))).toEqual(allForms(audit));
  });

  it('tells no secret', () => {
    const all = Object.values(allForms(audit)).join('\n');
    expect(all).not.toMatch(/planted|pl@nted|s3cret/);
  });
});

describe('a random configuration', () => {
  it('is audited without a crash, and adds up', () => {
    const property = fc.property(randomConfig, (text) => {
      expectSums(auditText(text));
    });
    fc.assert(property, { seed: 24, numRuns: 150 });
  });
});

describeCorpus('audit', (configs) => {
  it.each(configs)('$name', ({ path }) => {
    const audit = auditPath(path);
    expectSums(audit);
    expectAlike(audit);
  });

  it('adds up over all', () => {
    const audits = configs.map(({ path }) => auditPath(path));
    const total = totalOf(audits);
    expect(total.share.total).toBe(audits.reduce((all, { share }) => all + share.total, 0));
    expect(total.areas.reduce((all, area) => all + area.total, 0)).toBe(total.share.total);
    expect(total.remainders.reduce((all, { count }) => all + count, 0)).toBe(total.share.total - total.share.automatic);
  });
});

describe('the report', () => {
  // By hand: host-name and the two tags convert; pickup and hots-name do not.
  const audit = auditText(
    'host-name mta.example.com\npickup /a /b\nhots-name x\n<virtual-mta v1>\n  smtp-source-host 192.0.2.1 a.example.com\n</virtual-mta>\n',
  );

  it('counts by outcome', () => {
    expect(audit.share.counts).toMatchObject({ manual: 1, unknown: 1, invalid: 0 });
    expect(audit.share.automatic).toBe(3);
    expect(allForms(audit).text).toContain('5 settings in, 5 outcomes out. 3 (60.0 %) convert by themselves');
  });

  it('lists tasks with their lines and a page', () => {
    expect(audit.tasks).toEqual([
      {
        directives: ['pickup'],
        what: expect.stringContaining('no pickup directory'),
        page: 'https://docs.kumomta.com/userguide/operation/httpinjection/',
        places: ['config:2'],
      },
    ]);
  });

  it('groups lines that share one cause, whatever they set', () => {
    const { tasks } = auditText(
      'dummy-smtp-blacklist /x\ndummy-smtp-blacklist-bounce-method rcpt\nhost-name a.example\n',
    );
    const shared = auditText(
      '<domain a.example>\nbounce-upon-no-mx yes\n</domain>\n<domain b.example>\nbounce-upon-no-mx yes\n</domain>\n',
    );
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of shared.tasks) expect(task.places).toHaveLength(2);
  });

  it('counts lines that say something', () => {
    expect(audit.size.input).toEqual([{ path: 'config', lines: 6 }]);
    const commented = auditText('# a comment\n\nhost-name mta.example.com # another\n  # a third\n');
    expect(commented.size.inputLines).toBe(1);
  });

  it('fits the width, and falls back to lines where a table does not', () => {
    for (const width of [60, 80, 120]) {
      const lines = sectionsText(auditSections(audit), { color: false, width }).split('\n');
      expect(lines.filter((line) => displayWidth(line) > width && !line.includes('https://'))).toEqual([]);
    }
    expect(sectionsText(auditSections(audit), { color: false, width: 60 })).toContain(
      'server: 3 all, 1 approximate, 1 manual, 1 unknown, 33.3',
    );
  });

  it('is plain without colours', () => {
    expect(sectionsText(auditSections(audit), { color: false, width: 80 })).not.toContain('\u001b');
    expect(sectionsText(auditSections(audit), { color: true, width: 80 })).toContain('\u001b[1m');
  });

  it('shows hostile names as text', () => {
    const hostile = auditText(
      '<virtual-mta "a|b`<b>\u001b[31m">\n  smtp-source-host 192.0.2.1 a.example.com\n</virtual-mta>\n',
    );
    const { text, markdown } = allForms(hostile);
    expect(text).toContain('a|b`<b>\\x1b[31m');
    expect(text).not.toContain('\u001b');
    expect(markdown).toContain('``a|b`<b>\\x1b[31m``');
  });

  it('sums up several configurations', () => {
    const other = { ...auditText('pickup /c /d\n'), config: 'other' };
    const total = totalOf([audit, other]);
    expect(total).toMatchObject({
      configs: 2,
      share: { total: 6, automatic: 3, valid: 5, counts: { manual: 2, unknown: 1 } },
    });
    expect(total.remainders[0]).toMatchObject({ directive: 'pickup', count: 2, configs: ['config', 'other'] });
    const markdown = sectionsMarkdown(totalSections(total));
    expect(markdown).toContain('# All 2 configurations');
    expect(markdown).toContain('(in 2 configurations)');
  });
});

describe('the estimate', () => {
  it('is the sum of what it prints', () => {
    const work = { tasks: 2, furtherLines: 3, copies: 1, differences: 4, losses: 1, questions: 2, ...stageCounts(12) };
    // 240 + 2×30 + 3×1 + 1×20 + 4×5 + 1×10 + 2×10 + 10×45 + 2×10
    expect(effortOf(work).minutes).toBe(843);
    expect(effortOf(work).rows).toHaveLength(MINUTES.length);
    expect([hoursText(448), hoursText(60), hoursText(0)]).toEqual(['7 h 28 min', '1 h', '0 min']);
  });
});

describe('pages of the documentation', () => {
  it('are sorted, and each directive has one', () => {
    const names = DIRECTIVE_PAGES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    const known = new Set(DIRECTIVES.map(({ name }) => name));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(SCOPE_PAGES)).toEqual(Object.keys(SCOPE_PAGES).sort());
  });

  it('have addresses as the site builds them', () => {
    const pages = [
      ...DIRECTIVE_PAGES.map(({ page }) => page),
      ...Object.values(SCOPE_PAGES),
      ...Object.values(PLAN_PAGES),
    ];
    for (const page of pages) expect(page).toMatch(/^(?:userguide|reference)(?:\/[\w.-]+)+$/);
    expect(docsUrl('a/b')).toBe('https://docs.kumomta.com/a/b/');
  });

  it('are found by directive, then by the block a tag opens, then by the block around', () => {
    expect(pageUrl('domain', 'dkim-sign')).toMatch(/\/dkim\/$/);
    expect(pageUrl('global', '<acct-file>')).toMatch(/\/logging\/$/);
    expect(pageUrl('spool', 'deliver-only')).toMatch(/\/spool\/$/);
  });
});

describe('wrap', () => {
  it('breaks at blanks, by columns', () => {
    expect(wrap('aaaaaaaaaa bbbbbbbbb c', 20)).toEqual(['aaaaaaaaaa bbbbbbbbb', 'c']);
    // Wide characters take two columns each.
    expect(wrap('字字字字字字 字字字字 c', 20)).toEqual(['字字字字字字', '字字字字 c']);
    expect(wrap('', 20)).toEqual(['']);
    expect(wrap(`${'x'.repeat(30)} y`, 20)).toEqual(['x'.repeat(30), 'y']);
  });
});
