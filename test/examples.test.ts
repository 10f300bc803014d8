import { describe, expect, it } from 'vitest';
import { type Code, catalogue } from '../src/diagnostics/catalogue';
import { EXAMPLES } from '../src/diagnostics/examples';
import { SITUATIONS } from '../src/diagnostics/situations';
import type { ConvertOptions } from '../src/passes/pass';
import { auditConverted } from './support/audited';
import { DEFECTS, linesOf } from './support/broken-trees';
import { convertText } from './support/converted';

const OPTIONS: Readonly<Record<string, Partial<ConvertOptions>>> = {
  '--base-shaping stock': { baseShaping: 'stock' },
  '--target 2024.11.08': { target: '2024.11.08' },
  '--redis redis://redis.example': { redis: ['redis://redis.example'] },
};

const rows = Object.entries(EXAMPLES);

describe('the examples of explain', () => {
  it('are sorted, and of codes that exist', () => {
    const codes = rows.map(([code]) => code);
    expect(codes).toEqual([...codes].sort());
    expect(codes.filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });

  it.each(rows.filter(([, { file }]) => file === 'config'))('%s is what the lines give', (code, { text, options }) => {
    const converted = convertText(`${text}\n`, options === undefined ? {} : OPTIONS[options]);
    const found = auditConverted(converted).diagnostics.map((diagnostic) => diagnostic.code);
    expect(found).toContain(code);
  });

  // That these trees get these codes is what test/kumo/check-tree.test.ts is about.
  it.each(rows.filter(([code]) => code.startsWith('tree-')))(
    '%s is a defect that is tested',
    (code, { file, text, options }) => {
      const same = DEFECTS.filter((defect) => defect.code === code && defect.file === file && linesOf(defect) === text);
      expect(same.length).toBeGreaterThan(0);
      expect(options).toBe(same[0]?.target === undefined ? undefined : `--target ${same[0].target}`);
    },
  );

  it('are there for every code, or a situation is', () => {
    const codes = Object.keys(catalogue) as Code[];
    expect(codes.filter((code) => (EXAMPLES[code] === undefined) === (SITUATIONS[code] === undefined))).toEqual([]);
    const situations = Object.keys(SITUATIONS);
    expect(situations).toEqual([...situations].sort());
  });
});
