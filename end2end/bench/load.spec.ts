// The first visit over a slow link: when the first stroke is taken, and when everything works.

import { writeFile } from 'node:fs/promises';
import { type Browser } from '@playwright/test';
import { test } from '../fixtures/test.ts';

const visits = 5;

interface Told {
  first_stroke_ms: number;
  tools_ms: number;
  requests: number;
  requests_to_draw: number;
  compressed_bytes: number;
}

declare global {
  interface Window {
    strokeMs?: number;
    toolsMs?: number;
    /** Requests that had begun when the first stroke was taken. */
    before?: number;
  }
}

/** Times since the navigation began. A stroke is taken when its ink is on the paper. */
function watch(): void {
  const look = () => {
    const paper = document.querySelector<HTMLCanvasElement>('#drawing');
    if (window.toolsMs === undefined && document.body?.hasAttribute('data-ready')) window.toolsMs = performance.now();
    if (window.strokeMs === undefined && paper && paper.getBoundingClientRect().width > 0) {
      const { data } = paper.getContext('2d')!.getImageData(0, 0, paper.width, paper.height);
      if (data.some((value, index) => index % 4 === 0 && value < 100 && data[index + 3] === 255)) {
        window.strokeMs = performance.now();
        window.before = 1 + performance.getEntriesByType('resource').filter((r) => r.startTime < performance.now()).length;
      }
    }
    if (window.toolsMs === undefined || window.strokeMs === undefined) setTimeout(look, 10);
  };
  look();
}

async function visit(browser: Browser): Promise<Told> {
  // A cache of its own.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  let requests = 0;
  let ready = false;
  page.on('request', () => (requests += ready ? 0 : 1));
  await page.goto(process.env['PENTIMENTO_FAR']!, { waitUntil: 'commit' });
  // The hand does not wait: it draws where the paper will be.
  for (let turn = 0; (await page.evaluate(() => window.strokeMs)) === undefined; turn += 1) {
    await page.mouse.move(300, 200 + (turn % 10) * 10);
    await page.mouse.down();
    await page.mouse.move(400, 200 + (turn % 10) * 10);
    await page.mouse.up();
  }
  await page.waitForFunction(() => window.toolsMs !== undefined);
  ready = true;
  const told = await page.evaluate(() => {
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    // Styles travel in the page.
    const page = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const program = [...page, ...files.filter((file) => /\.(wasm|js|css)\b/.test(file.name))];
    return {
      first_stroke_ms: window.strokeMs!,
      tools_ms: window.toolsMs!,
      requests_to_draw: window.before!,
      compressed_bytes: program.reduce((sum, file) => sum + file.encodedBodySize, 0),
    };
  });
  await context.close();
  return { ...told, requests };
}

test('the first visit', async ({ browser }) => {
  const told: Told[] = [];
  for (let turn = 0; turn < visits; turn += 1) told.push(await visit(browser));
  await writeFile(process.env['PENTIMENTO_FIGURES']!, JSON.stringify(told));
});
