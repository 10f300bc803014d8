// Makes docs/report.png, the picture of the report in the README, from the stock fixture: npm run screenshot
// Needs Chromium: the one that CHROMIUM names, or /usr/bin/chromium. `--page FILE --out FILE` take another report.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { page: { type: 'string' }, out: { type: 'string', default: join(ROOT, 'docs/report.png') } },
});

/** Converts the stock fixture, and gives the path of its report. */
function stockReport(folder) {
  const tool = join(ROOT, 'bin/pmta2kumo.js');
  const args = ['convert', join(ROOT, 'fixtures/stock/input'), '--output', join(folder, 'tree'), '--quiet'];
  const { status, stderr } = spawnSync(process.execPath, [tool, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`convert: ${stderr}`);
  return join(folder, 'tree/migration.html');
}

const folder = mkdtempSync(join(tmpdir(), 'screenshot-'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(pathToFileURL(values.page ?? stockReport(folder)).href);
  await page.locator('#lines').scrollIntoViewIfNeeded();
  await page.locator('#input').focus();
  // The line of `max-smtp-out`, and what it became.
  await page.locator('#input .row', { hasText: 'max-smtp-out' }).first().click();
  await page.evaluate('document.querySelector("#lines").scrollIntoView()');
  await page.screenshot({ path: values.out });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
