import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { convertText, loadConverted } from './support/converted';
import { BREAKOUTS, POSITIONS, type Position, VALUES } from './support/hostile-values';
import { randomConfig } from './support/random-config';

import { FOREIGN_MARKUP, pageOf, reportsOf, UNSAFE } from './support/shown';
import { dataOf, isThere } from './support/tree-data';

/** What is wrong with the conversion of one value in one place; '' for nothing. */
function faultOf(position: Position, value: string): string {
  const converted = convertText(position.config(value));
  const { conversion, diagnostics, files } = converted;
  const settled = conversion.ledger.entries().map(({ setting }) => setting.id);
  if (settled.join() !== conversion.config.settings.map(({ id }) => id).join()) return 'not every setting settled once';
  if (diagnostics.list.some(({ code }) => code === 'emitted-invalid')) return 'emitted what cannot be read back';
  dataOf(files);
  const { markdown, json, terminal } = reportsOf(converted);
  const html = pageOf(converted);
  if (FOREIGN_MARKUP.test(html)) return 'markup in the page';
  if (UNSAFE.test(markdown) || UNSAFE.test(terminal) || UNSAFE.test(json) || UNSAFE.test(html))
    return 'raw control characters';
  if (/^::/m.test(terminal)) return 'a workflow command';
  const prose = markdown.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  if (/<script|(?<!\\)\]\(|!\[|@everyone/.test(prose)) return 'Markdown that is not text';
  const refused = conversion.ledger.entries().some(({ outcome }) => outcome === 'invalid' || outcome === 'unknown');
  if (position.lands && diagnostics.list.length === 0 && !refused && !isThere(value, converted)) return 'lost';
  return '';
}

function faultOrError(position: Position, value: string): string {
  try {
    return faultOf(position, value);
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function loadFaults(position: Position, value: string): Promise<readonly string[]> {
  const converted = convertText(position.config(value));
  if (converted.diagnostics.hasErrors) return [];
  const tree = await loadConverted(converted);
  tree.close();
  return tree.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

function expectFaultless(faults: readonly (readonly [string, string])[]): void {
  expect(faults.filter(([, fault]) => fault !== '')).toEqual([]);
}

describe.each(POSITIONS)('a hostile value as $name', (position) => {
  it('stays data, is told or refused, and harms no report', () => {
    const faults = VALUES.map((value) => [JSON.stringify(value.slice(0, 40)), faultOrError(position, value)] as const);
    expectFaultless(faults);
  });

  it('leaves a tree that loads', async () => {
    const faults: [string, string][] = [];
    for (const value of BREAKOUTS) faults.push([JSON.stringify(value), (await loadFaults(position, value)).join()]);
    expectFaultless(faults);
  });
});

it.each(POSITIONS.filter((position) => position.lands))('an ordinary value as $name comes out', (position) => {
  // Else the tests above could not tell a lost value.
  expect(isThere('plain.example', convertText(position.config('plain.example')))).toBe(true);
});

describe('the name of an included file', () => {
  it.each([']]--\npwned()', 'a\'b"c', '{{pwned}}', '\u001b[31m', '<script>', '\u202epwned', "'''", '# x'])(
    'stays in its comment: %j',
    (name) => {
      const lines = 'relay-domain a.example\n<virtual-mta v1>\nsmtp-source-host 192.0.2.1 a.example\n</virtual-mta>\n';
      const main = 'host-name a.example\nsmtp-listener 0.0.0.0:25\ninclude *.conf\n';
      const converted = convertText({ config: main, [`${name}.conf`]: lines });
      expect(converted.conversion.policy.sources.has('v1')).toBe(true);
      dataOf(converted.files);
      const shown = [...Object.values(reportsOf(converted)), pageOf(converted), ...converted.files.values()].join('');
      expect(UNSAFE.exec(shown)?.[0]).toBe(undefined);
    },
  );
});

/** Ways to write a secret (`§`), right and wrong. Each has to stay out of everything but files of mode 0600. */
const SECRET_LINES: readonly string[] = [
  '<smtp-user u>\npassword §\n</smtp-user>',
  '<smtp-user u>\npassword "§"\npassword §\n</smtp-user>',
  '<domain d.example>\nsmtp-hosts [192.0.2.9]\nauth-username u\nauth-password "§"\n</domain>',
  'smtp-server-tls-certificate /etc/c.pem "§"',
  '<domain d.example>\nsmtp-client-certificate /etc/c.pem §\n</domain>',
  'http-api-key §',
  '<signals>\napi-key §\n</signals>',
  '<acct-file /a.csv>\nprivacy-policy siphash "§"\n</acct-file>',
  '<acct-file |/bin/x --password=§>\nrecords d\n</acct-file>',
  '<acct-file |mysql -p§ --user=x>\nrecords d\n</acct-file>',
  '<acct-file |curl -u me:§ https://example.com/>\nmax-sise 3\n</acct-file>',
  'include https://me:§@example.com/config',
  'include ftp://me:§@example.com/config',
  'pasword §',
  'pass-word §',
  'auth_password: §',
  'PASSWORD=§',
  'password"§"',
  'password,§',
  'password>§',
  'password\0§',
  'password \u001b[31m§',
  'x password §',
  'export PGPASSWORD=§',
  'include password §',
  '# password § <x',
  '"password" "§"',
  'password "§',
  'password "a\n§',
  'password\n§',
  'password a\\\n§',
  'password "a\n§"',
  '<password §>\nx\n</password>',
  '<password §',
  '< password §',
  '</password §>',
  '<source 192.0.2.1 password=§>\nx y\n</source>',
  '<virtual-mta v1>\npassword §\n<domain x.example>\npassword § §',
  'http-access 0/0 password §',
  'smtp-hosts me:§@example.com',
  '{"password": "§"}',
  'max-smtp-out 20 # password §',
  'privacy-polcy siphash §',
  'smtp-server-tls-certifcate /etc/c.pem §',
];

describe('a secret', () => {
  // Looked for without regard to case: names of directives are shown in lower case.
  it.each(SECRET_LINES)('is shown nowhere: %j', (line) => {
    const secret = 'Hunter2Zq';
    for (const strange of ['', 'x\n', '<domain\n']) {
      const text = `host-name a.example\nsmtp-listener 0.0.0.0:25\n${strange}${line.replaceAll('§', secret)}\n`;
      const converted = convertText(text);
      const open = converted.conversion.files.filter(({ mode }) => mode !== 0o600).map(({ content }) => content);
      const shown = [...Object.values(reportsOf(converted)), pageOf(converted), ...open].join('\n').toLowerCase();
      const at = shown.indexOf(secret.toLowerCase());
      expect(at < 0 ? '' : shown.slice(Math.max(0, at - 80), at + 20)).toBe('');
    }
  });
});

describe('a random configuration', () => {
  it('is converted without a crash, completely, the same each time, into a tree that loads', async () => {
    // With an open relay allowed, fewer runs end in an error, and more trees are looked at.
    const options = { allowOpenRelay: true };
    let loaded = 0;
    const property = fc.asyncProperty(randomConfig, async (text) => {
      const converted = convertText(text, options);
      const { conversion, diagnostics, files } = converted;
      const settled = conversion.ledger.entries().map(({ setting }) => setting.id);
      expect(settled).toEqual(conversion.config.settings.map(({ id }) => id));
      expect(diagnostics.list.filter(({ code }) => code === 'emitted-invalid')).toEqual([]);
      dataOf(files);
      expect(UNSAFE.exec(Object.values(reportsOf(converted)).join('') + pageOf(converted))?.[0]).toBe(undefined);
      expect(convertText(text, options).files).toEqual(files);
      if (diagnostics.hasErrors) return;
      loaded++;
      const tree = await loadConverted(converted, options);
      tree.close();
      expect(tree.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    });
    // A failure prints its seed and path.
    await fc.assert(property, { numRuns: 200 });
    expect(loaded).toBeGreaterThan(20);
  });
});
