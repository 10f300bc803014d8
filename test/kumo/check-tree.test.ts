import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/diagnostics/catalogue';
import { checkTree } from '../../src/kumo/check/check-tree';
import { mxHostsOf } from '../../src/kumo/mx-groups';
import type { Finding } from '../../src/kumo/runtime/finding';
import { DEFECTS, type Defect } from '../support/broken-trees';
import { GOOD_TREE } from '../support/good-tree';
import { installDir } from './small-tree';

function mx(domain: string): { readonly hosts: readonly string[] } | undefined {
  if (domain === 'nomail.example') return { hosts: [] };
  const hosts = mxHostsOf(domain);
  return hosts.length === 0 ? undefined : { hosts };
}

function check(files: Readonly<Record<string, string>>, target = '2026.06.23'): Promise<readonly Finding[]> {
  return checkTree(new Map(Object.entries(files)), { installDir, target, mx, budget: 10_000_000 });
}

interface Broken {
  readonly files: Readonly<Record<string, string>>;
  /** `file:line:column-endColumn` of what the marks enclose. */
  readonly place: string | undefined;
}

function broken({ file, from, to }: Defect): Broken {
  const good = GOOD_TREE[file] ?? '';
  if (!good.includes(from)) throw new Error(`${file} does not hold ${from}`);
  const marked = from === '' ? good + to : good.replace(from, () => to);
  const start = marked.indexOf('«');
  const text = marked.replace(/[«»]/g, '');
  const before = marked.slice(0, start).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const end = column + marked.indexOf('»') - start - 1;
  return {
    files: { ...GOOD_TREE, [file]: text },
    place: start < 0 ? undefined : `${file}:${before.length}:${column}-${end}`,
  };
}

function placeOf({ path, line, column, endColumn }: Finding): string {
  return `${path}:${line}:${column}-${endColumn ?? column}`;
}

describe('a tree without a defect', () => {
  test.each(['2026.06.23', '2024.11.08'])('has no finding but notes, for %s', async (target) => {
    const found = await check(GOOD_TREE, target);
    expect(found.map(({ code }) => code)).toEqual(['tree-needs-restart']);
  });
});

describe('a tree with one defect', () => {
  test.each(DEFECTS.map((defect) => [defect.code, `${defect.file}: ${defect.to.slice(0, 70)}`, defect] as const))(
    '%s in %s',
    async (code, _, defect) => {
      const { files, place } = broken(defect);
      const found = await check(files, defect.target);
      const own = found.filter((finding) => finding.code === code);
      expect(own, JSON.stringify(found)).not.toEqual([]);
      if (place !== undefined) expect(own.map(placeOf)).toContain(place);
    },
  );

  test('there is one for every code that a tree by itself can have', () => {
    const elsewhere =
      /^tree-(?:differs|edited|file-added|file-lacking|file-unread|kumod|kumod-output|set-due-ignored)$/;
    const codes = Object.keys(catalogue).filter((code) => code.startsWith('tree-') && !elsewhere.test(code));
    expect(codes.filter((code) => !DEFECTS.some((defect) => defect.code === code))).toEqual([]);
    expect(DEFECTS.length).toBeGreaterThanOrEqual(60);
  });
});
