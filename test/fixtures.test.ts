import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDiagnostics } from '../src/diagnostics/diagnostic';
import { renderDiagnostics } from '../src/diagnostics/render';
import { DEFAULT_OPTIONS } from '../src/passes/pass';
import { type Conversion, convert } from '../src/pipeline';
import { memoryHost } from './support/memory-host';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

/** Every file below a folder, by relative path. */
function readTree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    if (statSync(path).isFile()) files[relative(folder, path)] = readFileSync(path, 'utf8');
  }
  return files;
}

function run(input: Record<string, string>): { conversion: Conversion; diagnostics: string } {
  const host = memoryHost(Object.fromEntries(Object.entries(input).map(([path, text]) => [`/in/${path}`, text])));
  const diagnostics = createDiagnostics();
  const conversion = convert(host, '/in', DEFAULT_OPTIONS, diagnostics);
  return { conversion, diagnostics: renderDiagnostics(diagnostics.list, { color: false, width: 100 }) };
}

function emitted(conversion: Conversion): Record<string, string> {
  return Object.fromEntries(conversion.files.map((file) => [file.path, file.content]));
}

const CASES = readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'input')));

describe.each(CASES)('fixture %s', (name) => {
  const folder = join(ROOT, name);
  const input = readTree(join(folder, 'input'));

  it('converts to the golden tree', () => {
    const { conversion, diagnostics } = run(input);
    if (UPDATE) writeGolden(folder, emitted(conversion), diagnostics);
    expect(emitted(conversion)).toEqual(readTree(join(folder, 'expected')));
    expect(diagnostics).toBe(readFileSync(join(folder, 'diagnostics.txt'), 'utf8'));
  });

  it('settles every setting exactly once', () => {
    const { conversion } = run(input);
    const settled = conversion.ledger.entries().map((entry) => entry.setting.id);
    expect(settled).toEqual(conversion.config.settings.map((setting) => setting.id));
  });

  it('gives the same tree with CRLF line ends and a byte order mark, and when run again', () => {
    const first = emitted(run(input).conversion);
    const other = Object.fromEntries(
      Object.entries(input).map(([path, text]) => [path, `\uFEFF${text.replaceAll('\n', '\r\n')}`]),
    );
    expect(emitted(run(other).conversion)).toEqual(first);
    expect(emitted(run(input).conversion)).toEqual(first);
  });
});

function writeGolden(folder: string, files: Record<string, string>, diagnostics: string): void {
  const expected = join(folder, 'expected');
  rmSync(expected, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(expected, path)), { recursive: true });
    writeFileSync(join(expected, path), content);
  }
  writeFileSync(join(folder, 'diagnostics.txt'), diagnostics);
}
