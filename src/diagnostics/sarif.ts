import { type Code, catalogue, type Severity } from './catalogue';
import { type DiagnosticSet, type LocatedDiagnostic, locate, type Region, regionOf } from './located';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};
const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/**
 * The diagnostics as a SARIF 2.1.0 log, for code scanning: one run a configuration, whose rules are the codes that
 * occur in it. Each command has a category of its own there. A plain object; the caller writes it as JSON.
 */
export function sarifLog(version: string, command: string, sets: readonly DiagnosticSet[]) {
  return { $schema: SCHEMA, version: '2.1.0', runs: sets.map((set) => runOf(version, command, set)) };
}

function runOf(version: string, command: string, set: DiagnosticSet) {
  const located = locate(set);
  const codes = [...new Set(located.map(({ diagnostic }) => diagnostic.code))].sort();
  return {
    tool: { driver: { name: 'pmta2kumo', semanticVersion: version, rules: codes.map(ruleOf) } },
    automationDetails: { id: `pmta2kumo ${command}/${set.subject}/` },
    columnKind: 'utf16CodeUnits',
    results: located.map((one) => resultOf(one, set.base, codes)),
  };
}

function ruleOf(code: Code) {
  const { severity, message, help } = catalogue[code];
  return {
    id: code,
    // Templates: what stands in braces is filled in by each result.
    shortDescription: { text: message },
    help: { text: help },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function resultOf({ diagnostic, region }: LocatedDiagnostic, base: string, codes: readonly Code[]) {
  const { code, severity, message, help, related } = diagnostic;
  const places = related.map((place) => ({
    ...locationOf(regionOf(place.span, base)),
    message: { text: place.message === '' ? 'see also' : place.message },
  }));
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: `${message}. ${help}` },
    locations: region === undefined ? [] : [locationOf(region)],
    ...(places.length === 0 ? {} : { relatedLocations: places }),
  };
}

function locationOf({ path, line, column, endLine, endColumn }: Region) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(path) },
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
  };
}

/** A path as a URI reference: relative ones stay relative, so that code scanning finds them in the repository. */
function uriOf(path: string): string {
  const encoded = path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
