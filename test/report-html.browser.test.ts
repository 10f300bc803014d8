import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startBrowser } from './support/browser';
import { convertPath, convertText, FIXTURES } from './support/converted';
import { POSITIONS, VALUES } from './support/hostile-values';
import { htmlOf } from './support/html-report';

async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}

const chromium = chromiumPath();
// Skipped tests are counted as such; this says why.
const title = chromium === undefined ? 'migration.html in a browser (no Chromium here)' : 'migration.html in a browser';

const KEY = `domain-key sel,from.example,/etc/pmta/${'a-rather-long-name-of-a-folder'.repeat(3)}/key.pem`;
/** A configuration with something of everything: two files, tasks, an unknown directive, a long path. */
const MIXED = {
  config: [
    'host-name mta.example.com',
    'smtp-listener 0.0.0.0:25',
    'no-such-directive 1',
    'pickup /var/pickup /var/bad',
    'include more.conf',
    '<virtual-mta v1>',
    '  smtp-source-host 192.0.2.1 a.example.com',
    '</virtual-mta>',
    '<domain gmail.com>',
    '  max-smtp-out 7',
    '</domain>',
  ].join('\n'),
  'more.conf': [
    '<domain *>',
    '  max-smtp-out 20',
    '  bounce-after 2d',
    '  dkim-sign yes',
    '</domain>',
    KEY,
    '# the end',
  ].join('\n'),
};

describe.skipIf(chromium === undefined)(title, () => {
  let browser: Browser;
  let folder = '';
  const noise: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'report-'));
    browser = await startBrowser(chromium ?? '');
    writeFileSync(join(folder, 'stock.html'), await htmlOf(convertPath(join(FIXTURES, 'stock/input'))));
    writeFileSync(join(folder, 'mixed.html'), await htmlOf(convertText(MIXED), { compare: false }));
    writeFileSync(join(folder, 'compared.html'), await htmlOf(convertText(MIXED)));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page of the folder; whatever it says on the console, throws, or asks of the network fails the test. */
  async function withPage(name: string, use: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    noise.length = 0;
    try {
      const page = await context.newPage();
      page.on('console', (message) => noise.push(message.text()));
      page.on('pageerror', (error) => noise.push(String(error)));
      page.on('request', (request) => {
        if (request.url() !== address(name)) noise.push(request.url());
      });
      await page.goto(address(name));
      await use(page);
      expect(noise).toEqual([]);
    } finally {
      await context.close();
    }
  }
  const address = (name: string): string => pathToFileURL(join(folder, name)).href;
  const active = (page: Page, side: 'input' | 'emitted'): Promise<string> =>
    textOf(page.locator(`#${side} .row.active code`));
  const rows = (page: Page, side: 'input' | 'emitted'): Promise<readonly string[]> =>
    page.locator(`#${side} .row:not(.file) code`).allInnerTexts();

  it('opens without a word on the console and without the network', () =>
    withPage('stock.html', async (page) => {
      expect(await page.title()).toBe('From PowerMTA to KumoMTA');
      expect(await rows(page, 'input')).toContain('postmaster ops@mail.example');
      expect(await page.locator('main h2:visible').allInnerTexts()).toEqual([
        'Outcomes',
        'Tasks for a person',
        'Line by line',
        'Differences',
        'Effective settings',
      ]);
    }));

  it('keeps what was checked', () =>
    withPage('stock.html', async (page) => {
      const boxes = page.locator('input[data-task]');
      expect(await textOf(page.locator('#tasks-state'))).toBe('0 of 2 done');
      await boxes.first().check();
      expect(await textOf(page.locator('#tasks-state'))).toBe('1 of 2 done');
      expect(await textOf(page.locator('#tasks-left'))).toBe('1');
      await page.reload();
      expect(await boxes.first().isChecked()).toBe(true);
      expect(await boxes.nth(1).isChecked()).toBe(false);
      // Another report has marks of its own.
      await page.goto(address('mixed.html'));
      noise.length = 0;
      expect(await page.locator('input[data-task]:checked').count()).toBe(0);
    }));

  it('says so where the browser keeps nothing', () =>
    withPage('stock.html', async (page) => {
      await page.addInitScript({
        content: `Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });`,
      });
      await page.reload();
      await page.locator('input[data-task]').first().check();
      expect(await textOf(page.locator('#tasks-state'))).toMatch(/^1 of 2 done\. This browser keeps no marks/);
    }));

  it('leads from a line to what it became and back, by click', () =>
    withPage('stock.html', async (page) => {
      await page.locator('#input .row', { hasText: 'bounce-after' }).click();
      expect(await textOf(page.locator('#detail'))).toMatch(/config:30[\s\S]*approximate[\s\S]*max_age/);
      await page.locator('#detail button', { hasText: 'queues.toml:9' }).click();
      expect(await active(page, 'emitted')).toBe('max_age = "4d12h"');
      expect(await page.locator('#input .row.partner code').allInnerTexts()).toEqual(['    bounce-after    4d12h']);
      await page.locator('#detail button', { hasText: 'config:30' }).click();
      expect(await active(page, 'input')).toContain('bounce-after');
    }));

  it('does so by keys', () =>
    withPage('mixed.html', async (page) => {
      await page.locator('#input').focus();
      await page.keyboard.press('ArrowDown');
      expect(await active(page, 'input')).toBe('host-name mta.example.com');
      await page.keyboard.press('End');
      expect(await active(page, 'input')).toBe('# the end');
      await page.keyboard.press('Home');
      await page.keyboard.press('n');
      await page.keyboard.press('n');
      expect(await active(page, 'input')).toBe('pickup /var/pickup /var/bad');
      await page.keyboard.press('p');
      expect(await active(page, 'input')).toBe('no-such-directive 1');
      for (let times = 0; times < 20 && !(await active(page, 'input')).includes('max-smtp-out 7'); times++) {
        await page.keyboard.press('n');
      }
      await page.keyboard.press('Enter');
      expect(await page.evaluate(`document.activeElement?.id`)).toBe('emitted');
      expect(await active(page, 'emitted')).toBe('connection_limit = 7');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(`document.activeElement?.id`)).toBe('input');
      expect(await active(page, 'input')).toBe('  max-smtp-out 7');
      const named = await page.locator('#input').getAttribute('aria-activedescendant');
      expect(await page.locator(`#${named}`).getAttribute('aria-selected')).toBe('true');
    }));

  it('searches and filters, and tells how much was found', () =>
    withPage('mixed.html', async (page) => {
      const found = page.locator('#found');
      expect(await textOf(found)).toMatch(/^18 lines of the configuration, \d+ lines of the tree$/);
      await page.keyboard.press('/');
      await page.keyboard.type('MAX-smtp');
      expect(await rows(page, 'input')).toEqual(['  max-smtp-out 7', '  max-smtp-out 20']);
      expect(await page.locator('#input mark').allInnerTexts()).toEqual(['max-smtp', 'max-smtp']);
      expect(await textOf(found)).toMatch(/^2 lines of the configuration and \d+ lines? of the tree found$/);
      await page.keyboard.press('Escape');
      expect((await rows(page, 'input')).length).toBe(18);
      await page.locator('#filters label', { hasText: 'unknown' }).click();
      expect(await rows(page, 'input')).toEqual(['no-such-directive 1']);
      // A line that is filtered out is shown when something leads to it.
      await page.locator('#tasks a', { hasText: 'config:4' }).first().click();
      expect(await active(page, 'input')).toBe('pickup /var/pickup /var/bad');
    }));

  it('shows what counts for a pair, and the lines it became', () =>
    withPage('mixed.html', async (page) => {
      await page.selectOption('#vmta', { label: 'v1' });
      await page.selectOption('#domain', { label: 'gmail.com' });
      const row = page.locator('#path tr', { hasText: 'max-smtp-out' });
      expect((await row.locator('th, td').allTextContents()).slice(0, 4)).toEqual([
        'max-smtp-out',
        '7',
        'config:10',
        'approximate',
      ]);
      await row.locator('.became button').first().click();
      expect(await active(page, 'emitted')).toBe('connection_limit = 7');
    }));

  it('shows the effective settings of both sides, compared', () =>
    withPage('compared.html', async (page) => {
      await page.selectOption('#vmta', { label: 'v1' });
      await page.selectOption('#domain', { label: 'gmail.com' });
      const row = page.locator('#path tr', { hasText: 'max-smtp-out' }).first();
      expect((await row.locator('td').allTextContents()).slice(0, 3)).toEqual(['7', '7', 'equal']);
      await page.selectOption('#domain', { label: 'any other domain' });
      expect((await row.locator('td').allTextContents()).slice(0, 3)).toEqual(['20', '20', 'equal']);
      await row.locator('button').click();
      expect(await active(page, 'input')).toBe('  max-smtp-out 20');
    }));

  it.each([390, 320])('fits a screen of %i pixels, and touch', (width) =>
    withPage(
      'mixed.html',
      async (page) => {
        expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(width);
        await page.locator('#input .row', { hasText: 'no-such' }).tap();
        expect(await textOf(page.locator('#detail'))).toContain('Not a PowerMTA directive.');
        expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(width);
      },
      { viewport: { width, height: 844 }, isMobile: true, hasTouch: true },
    ),
  );

  it('prints the tasks and the tables, not the panes', () =>
    withPage('stock.html', async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.tasks li:visible').count()).toBe(2);
      expect(await page.locator('table.outcomes').isVisible()).toBe(true);
      expect(await page.locator('#lines').isVisible()).toBe(false);
      expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    }));

  it('has its tasks and tables without scripts too', () =>
    withPage(
      'stock.html',
      async (page) => {
        expect(await page.locator('.tasks li:visible').count()).toBe(2);
        expect(await page.locator('#lines').isVisible()).toBe(false);
        expect(await textOf(page.locator('noscript'))).toContain('MIGRATION.md');
      },
      { javaScriptEnabled: false },
    ));

  it('names everything that can be reached by keyboard, and has one heading of each part', () =>
    withPage('mixed.html', async (page) => {
      const unnamed = await page.evaluate(`[...document.querySelectorAll('input, select, button, [tabindex="0"]')]
        .filter((each) => {
          const by = (each.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id));
          const texts = [...by, ...(each.labels ?? [])].map((label) => label?.textContent ?? '');
          return (texts.join('') + (each.getAttribute('aria-label') ?? '') + each.textContent).trim() === '';
        })
        .map(({ outerHTML }) => outerHTML.slice(0, 80))`);
      expect(unnamed).toEqual([]);
      for (const role of ['banner', 'navigation', 'main', 'contentinfo', 'search'] as const) {
        expect(await page.getByRole(role).count()).toBe(1);
      }
      expect(await page.locator('h1').count()).toBe(1);
    }));

  it('stays quick with 20,000 lines: only those in sight exist', async () => {
    const blocks = Array.from({ length: 2_000 }, (_, n) => `<domain d${n}.example>\n${'# note\n'.repeat(8)}</domain>`);
    const long = convertText({ ...MIXED, 'more.conf': blocks.join('\n') });
    writeFileSync(join(folder, 'long.html'), await htmlOf(long, { compare: false }));
    await withPage('long.html', async (page) => {
      expect(await page.locator('#input .row').count()).toBeLessThan(120);
      await page.locator('#input').focus();
      await page.keyboard.press('End');
      expect(await active(page, 'input')).toBe('</domain>');
      expect(await page.locator('#input .row').count()).toBeLessThan(120);
      await page.locator('#search').fill('d1999.example');
      expect(await rows(page, 'input')).toEqual(['<domain d1999.example>']);
    });
  });

  /** One page for each value, which stands in every place that takes it. */
  it.each(
    [
      ...VALUES,
      '</script><script>window.__pwned=1</script>',
      '"><img src=x onerror=window.__pwned=1>',
      '<svg/onload=window.__pwned=1>',
    ].filter((value) => /[<>`]|"\.\.|javascript|'''/.test(value) && value.length < 200),
  )('runs nothing of the value %j', async (value) => {
    const parts = POSITIONS.map(({ config }, n) => [`f${n}`, config(value)] as const);
    const main = parts.map(([name]) => `include ${name}`).join('\n');
    const converted = convertText({ config: main, ...Object.fromEntries(parts) });
    writeFileSync(join(folder, 'hostile.html'), await htmlOf(converted));
    await withPage('hostile.html', async (page) => {
      await page.locator('#input').focus();
      for (const key of ['n', 'n', 'End', 'Home', 'n']) await page.keyboard.press(key);
      await page.locator('#search').fill(value.slice(0, 20));
      expect(await page.evaluate(`'__pwned' in window || 'pwned' in window`)).toBe(false);
      // Whatever the value says, there are the two scripts, and no element that the page has not of its own.
      expect(await page.locator('script').count()).toBe(2);
      expect(await page.locator('img, iframe, object, embed, link, svg [onload], [onerror]').count()).toBe(0);
    });
  });
});
