// Clicks over a link that is cut again and again: drawings are told, jobs asked for and pictures seen as on any other.
// What is behind the address, and how often it cuts, crates/bench says.

import { writeFile } from 'node:fs/promises';
import { test } from '../fixtures/test.ts';
import { type Place } from '../fixtures/studio.ts';

declare global {
  interface Window {
    sockets: number;
    /** Milliseconds from each click on Generate until the page showed that its job runs. */
    starts: number[];
  }
}

function watch(): void {
  window.sockets = 0;
  window.starts = [];
  window.WebSocket = class extends WebSocket {
    constructor(address: string | URL) {
      super(address);
      window.sockets += 1;
    }
  };
  let clicked: number | undefined;
  addEventListener('click', ({ target }) => {
    if ((target as Element).closest('#generate')) clicked = performance.now();
  }, { capture: true });
  new MutationObserver((records) => {
    const job = records.map(({ target }) => target as HTMLElement).find(({ dataset }) => dataset.testid === 'job');
    if (clicked === undefined || !['running', 'finished'].includes(job?.dataset.state ?? '')) return;
    window.starts.push(performance.now() - clicked);
    clicked = undefined;
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
}

test('clicks over a link that is cut', async ({ page, visit }) => {
  const clicks = Number(process.env.PENTIMENTO_CLICKS);
  await page.addInitScript(watch);
  const studio = visit(page, process.env.PENTIMENTO_CUT!);
  await studio.open();
  await studio.set('Steps', 10);
  const prompt = 'a house under a sun';
  await studio.set('Prompt', prompt);
  for (let click = 0; click < clicks; click += 1) {
    const across = (n: number): Place => [0.1 + 0.8 * ((click * 7 + n * 5) % 11) / 11, 0.1 + 0.8 * n / 4];
    await studio.stroke([0, 1, 2, 3, 4].map(across));
    await studio.button('Generate').click();
    await studio.finished();
  }
  const told = await page.evaluate(() => ({ starts_ms: window.starts, sockets: window.sockets }));
  const pictures = await page.getByTitle(prompt, { exact: true }).count();
  await writeFile(process.env.PENTIMENTO_FIGURES!, JSON.stringify({ ...told, pictures }));
});
