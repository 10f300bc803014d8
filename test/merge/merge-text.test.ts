import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeText, openMarker, type Settlement, settledText } from '../../src/merge/merge-text';

function merged(base: string, yours: string, generated: string, path = 'x.lua'): string {
  const merge = mergeText(path, base, yours, generated);
  expect(merge.conflicts).toEqual([]);
  return settledText(merge, 'mark');
}

const BASE = 'a\nb\nc\nd\ne\nf\n';

describe('a merge of two sides that left each other alone', () => {
  it('has the changes of both', () => {
    expect(merged(BASE, 'a\nB\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\n')).toBe('a\nB\nc\nd\nE\nf\n');
    expect(merged(BASE, 'a\nc\nd\ne\nf\n', 'a\nb\nc\nd\ne\nf\ng\n')).toBe('a\nc\nd\ne\nf\ng\n');
    expect(merged(BASE, `x\n${BASE}`, `${BASE}y\n`)).toBe(`x\n${BASE}y\n`);
    expect(merged(BASE, BASE, '')).toBe('');
    expect(merged('', '', 'x\n')).toBe('x\n');
  });

  it('takes what both did alike once', () => {
    expect(merged(BASE, 'a\nX\nc\nd\ne\nf\n', 'a\nX\nc\nd\ne\nf\n')).toBe('a\nX\nc\nd\ne\nf\n');
    expect(merged(BASE, `${BASE}g\n`, `${BASE}g\n`)).toBe(`${BASE}g\n`);
  });

  it('tells blocks apart whose lines are all alike but for their names', () => {
    const block = (name: string, limit = 1) => `[${name}]\nlimit = ${limit}\ntls = true\n\n`;
    const base = block('a') + block('b') + block('c');
    const yours = block('a') + block('b', 9) + block('c');
    const generated = block('new') + block('a') + block('b') + block('c') + block('d');
    expect(merged(base, yours, generated)).toBe(block('new') + block('a') + block('b', 9) + block('c') + block('d'));
  });
});

describe('line ends', () => {
  it('stay CRLF where the whole file was saved so', () => {
    expect(merged(BASE, 'a\r\nB\r\nc\r\nd\r\ne\r\nf\r\n', 'a\nb\nc\nd\nE\nf\n')).toBe('a\r\nB\r\nc\r\nd\r\nE\r\nf\r\n');
  });

  it('that are CRLF in one line only are an edit of that line', () => {
    expect(merged(BASE, 'a\nb\r\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\n')).toBe('a\nb\r\nc\nd\nE\nf\n');
  });

  it('missing at the end are no change', () => {
    expect(merged(BASE, 'a\nB\nc\nd\ne\nf', `${BASE}g\n`)).toBe('a\nB\nc\nd\ne\nf\ng\n');
  });
});

describe('a conflict', () => {
  const merge = mergeText('x.lua', BASE, 'a\nb\nmine\nd\ne\nf\n', 'a\nb\nnew\nnewer\nd\ne\nf\n');

  it('names its place in the edited file and what each side has', () => {
    expect(merge.conflicts).toEqual([{ line: 3, yours: ['mine'], before: ['c'], generated: ['new', 'newer'] }]);
  });

  it.each<[how: Settlement, text: string]>([
    ['ours', 'a\nb\nmine\nd\ne\nf\n'],
    ['theirs', 'a\nb\nnew\nnewer\nd\ne\nf\n'],
    ['union', 'a\nb\nmine\nnew\nnewer\nd\ne\nf\n'],
    [
      'mark',
      'a\nb\n<<<<<<< edited by hand\nmine\n||||||| generated before\nc\n=======\nnew\nnewer\n>>>>>>> generated now\nd\ne\nf\n',
    ],
  ])('settled as %s', (how, text) => {
    expect(settledText(merge, how)).toBe(text);
  });

  it('is found again by its markers, and nothing else is', () => {
    expect(openMarker(settledText(merge, 'mark'))).toBe(3);
    expect(openMarker(settledText(merge, 'mark').replaceAll('\n', '\r\n'))).toBe(3);
    expect(openMarker('-- <<<<<<< x\n=======\n')).toBeUndefined();
  });

  it('is one where adjacent lines were changed, and where one side deleted what the other changed', () => {
    expect(mergeText('x', BASE, 'a\nB\nc\nd\ne\nf\n', 'a\nb\nC\nd\ne\nf\n').conflicts).toHaveLength(1);
    expect(mergeText('x', BASE, 'a\ne\nf\n', 'a\nb\nC\nd\ne\nf\n').conflicts).toMatchObject([
      { line: 2, yours: [], generated: ['b', 'C', 'd'] },
    ]);
    expect(mergeText('x', BASE, '', 'a\nb\nC\nd\ne\nf\n').conflicts).toHaveLength(1);
  });

  it('is the whole file where there is nothing that both came from', () => {
    expect(mergeText('x', '', 'a\nb\n', 'c\n').conflicts).toEqual([
      { line: 1, yours: ['a', 'b'], before: [], generated: ['c'] },
    ]);
  });
});

describe('comments that name lines of the input', () => {
  it('come from the generator and never conflict with an edit beside them', () => {
    const base = '# config:9\n["default"]\nlimit = 20 # config:10, config:11\nrate = "1/s" # config:12\n';
    const yours = '# config:9\n["default"]\nlimit = 30 # config:10, config:11\nrate = "1/s" # config:12\n';
    const generated = '# config:19\n["default"]\nlimit = 20 # config:20, config:21\nrate = "1/s" # config:22\n';
    expect(merged(base, yours, generated, 'shaping.toml')).toBe(
      '# config:19\n["default"]\nlimit = 30 # config:20, config:21\nrate = "1/s" # config:22\n',
    );
  });

  it('do not count where a file is told to be none of ours', () => {
    expect(mergeText('x.txt', 'a # c:1\nb\n', 'a # c:1\nB\n', 'a # c:2\nb\n').conflicts).toHaveLength(1);
  });

  it('are known at the end of a line only, behind the sign of a comment', () => {
    const base = 'listen = "0.0.0.0:25"\nb\n';
    expect(mergeText('x.toml', base, 'listen = "0.0.0.0:26"\nb\n', 'listen = "0.0.0.0:27"\nb\n').conflicts).toEqual([
      {
        line: 1,
        yours: ['listen = "0.0.0.0:26"'],
        before: ['listen = "0.0.0.0:25"'],
        generated: ['listen = "0.0.0.0:27"'],
      },
    ]);
    const commented = "x = '# h:25' -- config:1, c d:2\n";
    expect(
      mergeText('x.lua', commented, commented.replace('25', '26'), commented.replace('25', '27')).conflicts,
    ).toHaveLength(1);
  });

  it('keep those of a line that is only in the edited file', () => {
    expect(merged('a\nb -- config:1\nc\n', 'a\nb -- config:1\nc\nmine -- config:7\n', 'a\nb -- config:2\nc\n')).toBe(
      'a\nb -- config:2\nc\nmine -- config:7\n',
    );
  });

  it('move in the tasks of a report, ticked ones too', () => {
    const base = '- [ ] copy `k` (`config:3`)\n- [ ] copy `l` (`config:4`)\n';
    const yours = '- [x] copy `k` (`config:3`)\n- [ ] copy `l` (`config:4`)\n';
    const generated = '- [ ] copy `k` (`config:5`)\n- [ ] copy `l` (`config:6`)\n';
    expect(merged(base, yours, generated, 'MIGRATION.md')).toBe(
      '- [x] copy `k` (`config:5`)\n- [ ] copy `l` (`config:6`)\n',
    );
  });
});

describe('whatever the three texts are', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd -- config:1', 'd -- config:2', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  const plain = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));

  it('an untouched side gives way to the other', () => {
    fc.assert(
      fc.property(plain, plain, (base, other) => {
        expect(merged(base, base, other)).toBe(other);
        expect(merged(base, other, base)).toBe(other);
        expect(merged(base, other, other)).toBe(other);
      }),
    );
  });

  it('the new conversion wins as a whole where the edit was nothing but an edit of places', () => {
    fc.assert(
      fc.property(text, text, (base, other) => {
        expect(merged(base, base, other)).toBe(other);
      }),
    );
  });

  it('no line of either side is lost between markers', () => {
    fc.assert(
      fc.property(plain, plain, plain, (base, yours, generated) => {
        const result = settledText(mergeText('x', base, yours, generated), 'mark').split('\n');
        const before = base.split('\n');
        for (const side of [yours, generated]) {
          for (const line of new Set(side.split('\n'))) {
            if (!before.includes(line)) expect(result).toContain(line);
          }
        }
      }),
    );
  });

  it('it ends soon for long texts of lines that are all alike', () => {
    const long = (n: number, mine = ''): string => `${mine}${'x\n}\n'.repeat(n)}`;
    expect(mergeText('x', long(20_000), long(19_000, 'mine\n'), long(21_000, 'new\n')).conflicts).toHaveLength(1);
  });
});
