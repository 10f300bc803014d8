import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../src/diagnostics/diagnostic';
import { githubAnnotations, githubNotice } from '../src/diagnostics/github';
import { junitReport } from '../src/diagnostics/junit';
import type { DiagnosticSet } from '../src/diagnostics/located';
import { quoteWorkflowData, quoteWorkflowProperty } from '../src/diagnostics/quote-workflow';
import { quoteXml } from '../src/diagnostics/quote-xml';
import { sarifLog } from '../src/diagnostics/sarif';
import { createSource, type Span } from '../src/diagnostics/span';
import { toDeepJsonText } from '../src/report/json-text';
import { parseXml } from './support/xml';

/** What each of the languages would take for a sign of its own. */
const HOSTILE =
  '<a href="x">&amp;\'`%0A::error::no\r\n::warning file=x,line=1::no\u001b[31m\u0000\u202e\ufffe\ud800 ]]> 100%';

const TEXT = 'host-name x\n  include no/such\nlast\n';

function spanOf(part: string, path = 'sub/config'): Span {
  const start = TEXT.indexOf(part);
  return { source: createSource(path, TEXT), start, end: start + part.length };
}

function diagnostic(severity: Diagnostic['severity'], message: string, span?: Span): Diagnostic {
  const common = { code: 'include-missing', severity, message, help: `mend ${message}`, related: [] } as const;
  return span === undefined ? common : { ...common, span };
}

function setOf(...diagnostics: readonly Diagnostic[]): DiagnosticSet {
  return { subject: 'etc/pmta', base: 'etc/pmta/', diagnostics };
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

describe('workflow commands', () => {
  it('name file, lines and columns from where the tool was called', () => {
    expect(githubAnnotations([setOf(diagnostic('error', 'it is wrong', spanOf('no/such')))])).toBe(
      '::error file=etc/pmta/sub/config,line=2,endLine=2,col=11,endColumn=18,title=include-missing::it is wrong; mend it is wrong\n',
    );
  });

  it('leave columns out over several lines, and the place where there is none', () => {
    const text = githubAnnotations([
      setOf(diagnostic('warning', 'a', spanOf('no/such\nlast')), diagnostic('info', 'b')),
    ]);
    expect(text.split('\n')).toEqual([
      '::notice title=include-missing::b; mend b',
      '::warning file=etc/pmta/sub/config,line=2,endLine=3,title=include-missing::a; mend a',
      '',
    ]);
  });

  it('keep absolute paths', () => {
    expect(githubAnnotations([setOf(diagnostic('error', 'a', spanOf('last', '/etc/x')))])).toContain(
      'file=/etc/x,line=3',
    );
  });

  it('cannot be forged', () => {
    const hostile = diagnostic('error', HOSTILE, spanOf('last', `c${HOSTILE}`));
    const text = githubAnnotations([setOf(hostile)]) + githubNotice(HOSTILE, HOSTILE);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toMatch(/\r|\u001b|\0|\u202e/);
    const [properties] = /^::error (.*?)::/.exec(text)?.slice(1) ?? [];
    expect(properties?.split(',').map((pair) => pair.split('=')[0])).toEqual([
      'file',
      'line',
      'endLine',
      'col',
      'endColumn',
      'title',
    ]);
  });

  it('escape as the runner reads it back', () => {
    expect(quoteWorkflowData('100%\n')).toBe('100%25%0A');
    expect(quoteWorkflowProperty('a:b,c%')).toBe('a%3Ab%2Cc%25');
  });
});

describe('JUnit', () => {
  it('has a suite a configuration and a case a diagnostic', () => {
    const set = setOf(diagnostic('error', 'it is wrong', spanOf('no/such')), diagnostic('warning', 'odd'));
    const root = parseXml(junitReport('audit', [set, { ...setOf(), subject: 'clean' }], isError));
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '3', failures: '1', errors: '0' } });
    const [first, clean] = root.children;
    expect(first).toMatchObject({ name: 'testsuite', attributes: { name: 'etc/pmta', tests: '2', failures: '1' } });
    expect(first?.children.map(({ children }) => children.map(({ name }) => name))).toEqual([
      ['system-out'],
      ['failure'],
    ]);
    expect(first?.children[1]).toMatchObject({
      attributes: {
        classname: 'pmta2kumo.audit',
        name: 'include-missing etc/pmta/sub/config:2:11',
        file: 'etc/pmta/sub/config',
        line: '2',
      },
      children: [{ name: 'failure', attributes: { type: 'include-missing', message: 'it is wrong' } }],
    });
    expect(first?.children[1]?.children[0]?.text).toContain('help: mend it is wrong');
    // Programs take an empty suite for one that did not run.
    expect(clean?.children).toHaveLength(1);
    expect(clean?.attributes).toMatchObject({ tests: '1', failures: '0' });
  });

  it('holds hostile text as text', () => {
    const set = { ...setOf(diagnostic('error', HOSTILE, spanOf('last', HOSTILE))), subject: HOSTILE };
    const root = parseXml(junitReport('audit', [set], isError));
    const message = root.children[0]?.children[0]?.children[0]?.attributes['message'];
    expect(message).toBe(
      HOSTILE.replace(/[\u001b\0\u202e\ufffe\ud800]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`),
    );
  });

  it('quotes for XML 1.0', () => {
    expect(quoteXml('<&>"\'')).toBe('&lt;&amp;&gt;&quot;&apos;');
    expect(quoteXml('a\n\t\u0007é字😀')).toBe('a&#10;&#9;\\u{7}é字😀');
  });
});

describe('SARIF', () => {
  const related = [{ span: spanOf('host-name'), message: 'this one' }];
  const set = setOf({ ...diagnostic('error', 'it is wrong', spanOf('no/such')), related }, diagnostic('info', 'odd'));

  /** What SARIF 2.1.0 requires of each object that we write (section 3 of the standard). */
  function expectShape(log: ReturnType<typeof sarifLog>): void {
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/^https:.*sarif-2\.1\.0/);
    for (const { tool, results, columnKind } of log.runs) {
      expect(tool.driver.name).toBe('pmta2kumo');
      expect(columnKind).toBe('utf16CodeUnits');
      const ids = tool.driver.rules.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort());
      for (const { ruleId, ruleIndex, level, message, locations } of results) {
        expect(ids[ruleIndex]).toBe(ruleId);
        expect(['none', 'note', 'warning', 'error']).toContain(level);
        expect(message.text).not.toBe('');
        for (const { physicalLocation } of locations) {
          const { startLine, startColumn, endLine, endColumn } = physicalLocation.region;
          for (const one of [startLine, startColumn, endLine, endColumn]) expect(one).toBeGreaterThanOrEqual(1);
          expect(endLine > startLine || endColumn >= startColumn).toBe(true);
          expect(() => new URL(physicalLocation.artifactLocation.uri, 'file:///checkout/')).not.toThrow();
        }
      }
    }
  }

  it('has a run a configuration, with its rules and results', () => {
    const log = sarifLog('1.2.3', 'audit', [set, { ...setOf(), subject: 'clean' }]);
    expectShape(log);
    expect(log.runs.map(({ results }) => results.length)).toEqual([2, 0]);
    expect(log.runs[0]?.results[1]).toEqual({
      ruleId: 'include-missing',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'it is wrong. mend it is wrong' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'etc/pmta/sub/config' },
            region: { startLine: 2, startColumn: 11, endLine: 2, endColumn: 18 },
          },
        },
      ],
      relatedLocations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'etc/pmta/sub/config' },
            region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 10 },
          },
          message: { text: 'this one' },
        },
      ],
    });
    expect(log.runs[0]?.automationDetails.id).not.toBe(log.runs[1]?.automationDetails.id);
    const other = sarifLog('1.2.3', 'check', [set]);
    expect(other.runs[0]?.automationDetails.id).not.toBe(log.runs[0]?.automationDetails.id);
  });

  it('names odd paths as URIs, and hostile text as text', () => {
    const odd = setOf(
      diagnostic('error', HOSTILE, spanOf('last', 'a b#c?d%/é')),
      diagnostic('error', HOSTILE, spanOf('last', `/${HOSTILE}`)),
    );
    const log = sarifLog('1', 'audit', [odd]);
    expectShape(log);
    const text = toDeepJsonText(log);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(log)));
    expect(text).toContain('"uri":"etc/pmta/a%20b%23c%3Fd%25/%C3%A9"');
    expect(text).not.toMatch(/\u001b|\0|\u202e/);
  });
});

describe('deep JSON documents', () => {
  it('open lists of objects and what holds them, and keep the rest on one line', () => {
    expect(toDeepJsonText({ a: 1, list: [{ b: [1, 2], c: { d: 1 } }, { e: [{ f: 1 }] }], none: undefined })).toBe(
      '{\n  "a": 1,\n  "list": [\n    {"b":[1,2],"c":{"d":1}},\n    {\n      "e": [\n        {"f":1}\n      ]\n    }\n  ]\n}\n',
    );
  });
});
