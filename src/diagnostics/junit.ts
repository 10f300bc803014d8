import type { Diagnostic } from './diagnostic';
import { type DiagnosticSet, type LocatedDiagnostic, locate } from './located';
import { quoteXml } from './quote-xml';

/**
 * The diagnostics as a JUnit report: one suite a configuration, one test case a diagnostic, failed when `isFailing`
 * says so. A suite without any has one case that passed, because programs that read such reports take an empty one for
 * a run that did not happen.
 */
export function junitReport(
  command: string,
  sets: readonly DiagnosticSet[],
  isFailing: (diagnostic: Diagnostic) => boolean,
): string {
  const suites = sets.map((set) => suiteOf(command, set, isFailing));
  const sum = (count: (suite: Suite) => number): number => suites.reduce((total, suite) => total + count(suite), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name=${quoted(`pmta2kumo ${command}`)} tests="${sum(({ tests }) => tests)}" failures="${sum(({ failures }) => failures)}" errors="0">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly lines: readonly string[];
}

function suiteOf(command: string, set: DiagnosticSet, isFailing: (diagnostic: Diagnostic) => boolean): Suite {
  const located = locate(set);
  const failures = located.filter(({ diagnostic }) => isFailing(diagnostic)).length;
  const className = `pmta2kumo.${command}`;
  const cases =
    located.length === 0
      ? [`    <testcase classname=${quoted(className)} name="nothing to report"/>`]
      : located.flatMap((one) => caseOf(className, one, isFailing(one.diagnostic)));
  return {
    tests: Math.max(located.length, 1),
    failures,
    lines: [
      `  <testsuite name=${quoted(set.subject)} tests="${Math.max(located.length, 1)}" failures="${failures}" errors="0" skipped="0">`,
      ...cases,
      '  </testsuite>',
    ],
  };
}

function caseOf(className: string, { diagnostic, region }: LocatedDiagnostic, fails: boolean): readonly string[] {
  const { code, severity, message, help } = diagnostic;
  const place = region === undefined ? '' : `${region.path}:${region.line}:${region.column}`;
  const where = region === undefined ? '' : ` file=${quoted(region.path)} line="${region.line}"`;
  const text = quoteXml(
    [`${severity}[${code}]: ${message}`, `help: ${help}`, ...(place === '' ? [] : [place])].join('\n'),
  );
  return [
    `    <testcase classname=${quoted(className)} name=${quoted(place === '' ? code : `${code} ${place}`)}${where}>`,
    fails
      ? `      <failure type=${quoted(code)} message=${quoted(message)}>${text}</failure>`
      : `      <system-out>${text}</system-out>`,
    '    </testcase>',
  ];
}

function quoted(text: string): string {
  return `"${quoteXml(text)}"`;
}
